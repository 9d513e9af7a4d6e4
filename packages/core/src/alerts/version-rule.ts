import type { LiveModel } from '../deployments/deployments.ts';
import { hourMs, minuteMs } from '../metrics/windows.ts';
import type { AlertReading, AlertRule } from './alert.ts';

/** A download and a load of a large model take a while; nobody is woken for that. */
const loadingMs = 15 * minuteMs;

export function versionRuleOf(model: string): AlertRule {
  return {
    id: `version-not-ready/${model}/page`,
    kind: 'version-not-ready',
    severity: 'page',
    model,
    title: `${model}: not ready`,
    condition: 'A version that gets traffic is not ready for a minute, or loads for a quarter of an hour.',
    holdMs: minuteMs,
    clearMs: 0,
    remindEveryMs: 4 * hourMs,
  };
}

/** Whether what gets a model's traffic can answer. */
export function readVersions({ spec, traffic, versions }: LiveModel): AlertReading {
  const rule = versionRuleOf(spec.name);
  const wanted = [
    traffic.stable,
    ...(traffic.candidate !== undefined && traffic.weight > 0 ? [traffic.candidate] : []),
  ];
  const missing = wanted.find((version) => versions.get(version)?.state !== 'ready');
  if (missing === undefined) {
    return { rule, isTrue: false, summary: `Version ${wanted.join(' and ')} is ready.`, advice: '', figures: [] };
  }
  const supervisor = versions.get(missing);
  const state = supervisor?.state ?? 'not loaded';
  const reason = supervisor?.reason === undefined ? '' : `: ${supervisor.reason}`;
  const isLoading = state === 'pending' || state === 'loading';
  return {
    rule: { ...rule, version: missing },
    isTrue: true,
    ...(isLoading ? { holdMs: loadingMs } : {}),
    summary: `Version ${missing}, which gets traffic, is ${state}${reason}.`,
    advice:
      missing === traffic.candidate
        ? 'Roll back, or look at why it cannot be loaded: scarmonit models info says more.'
        : 'Look at why it cannot be loaded (scarmonit models info says more), or roll out a version that can.',
    figures: [],
  };
}
