import type { z } from 'zod';
import type { ArtifactPart, Task, UpstreamTarget, VersionSpec, WorkersAiTarget } from '../registry/version-spec.ts';
import { defaultWorkersAiModels } from '../registry/workers-ai-models.ts';
import { checkPlainData } from './check-plain-data.ts';
import { explainIssue, locateIssue } from './explain-issue.ts';
import type { Manifest, ManifestDocument, ModelSpec } from './manifest.ts';
import { ManifestError, type ManifestIssue } from './manifest-error.ts';
import { manifestSchema, type versionBody } from './manifest-schema.ts';
import { toRolloutSettings } from './read-rollout-settings.ts';
import { type ExplainSecretUse, refuseSecretUses } from './secret-uses.ts';

type ModelInput = z.output<typeof manifestSchema>['models'][string];
type VersionInput = z.output<typeof versionBody>;
type UpstreamInput = Extract<VersionInput, { runtime: 'openai-compatible' }>;
type WorkersAiInput = Extract<VersionInput, { runtime: 'workers-ai' }>;
type PartInput = Exclude<VersionInput, UpstreamInput | WorkersAiInput>['artifact']['from'][number];

/**
 * Checks a manifest and fills in its defaults.
 * @param explainSecretUse for a manifest that is not the operator's own; absent: its secrets may go wherever it says
 * @throws ManifestError with every issue found, each a sentence that says the fix; never anything else
 */
export function parseManifest(document: ManifestDocument, explainSecretUse?: ExplainSecretUse): Manifest {
  const issues: ManifestIssue[] = [];
  for (const { path, problem } of checkPlainData(document.value)) issues.push(locateIssue(document, path, problem));
  if (issues.length > 0) throw new ManifestError(issues);
  const result = manifestSchema.safeParse(document.value);
  if (!result.success) {
    throw new ManifestError(result.error.issues.flatMap((issue) => explainIssue(issue, manifestSchema, document)));
  }
  const models = Object.entries(result.data.models).map(([name, model]) => toModelSpec(name, model));
  if (explainSecretUse !== undefined) {
    const placed = models.flatMap(({ name, versions }) =>
      versions.map((spec) => [['models', name, 'versions', spec.version], spec] as const),
    );
    refuseSecretUses(document, placed, explainSecretUse);
  }
  return { models };
}

function toModelSpec(name: string, model: ModelInput): ModelSpec {
  return {
    name,
    task: model.task,
    goals: withoutUndefined(model.goals),
    requirements: withoutUndefined(model.requirements),
    stable: model.stable,
    versions: Object.entries(model.versions).map(([version, body]) => toVersionSpec(name, version, model.task, body)),
    ...(model.rollout === undefined ? {} : { rollout: toRolloutSettings(model.rollout) }),
    ...(model.maintenance === undefined ? {} : { maintenance: withoutUndefined(model.maintenance) }),
  };
}

/** What the schema has checked, as the registry keeps it. */
export function toVersionSpec(name: string, version: string, task: Task, body: VersionInput): VersionSpec {
  const { options, prices, timeoutMs, fallbacks } = body;
  const common = { model: name, version, task, options, prices, timeoutMs, fallbacks };
  if (body.runtime === 'openai-compatible') {
    return { ...common, runtime: body.runtime, targets: toTargets(body), balance: body.balance };
  }
  if (body.runtime === 'workers-ai') return { ...common, runtime: body.runtime, target: toTarget(task, body) };
  const { sha256, from, recipe } = body.artifact;
  return { ...common, runtime: body.runtime, artifact: { sha256, from: from.map(toPart), recipe } };
}

/** One address is a list of one target; the schema has seen to it that there is one or the other. */
function toTargets({ targets, baseUrl = '', model = '', apiKey }: UpstreamInput): readonly UpstreamTarget[] {
  return (targets ?? [{ baseUrl, model, apiKey, weight: 1 }]).map((target) => ({
    baseUrl: target.baseUrl.replace(/\/+$/, ''),
    model: target.model,
    ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey }),
    weight: target.weight,
  }));
}

function toTarget(task: Task, { model, accountId, apiToken, baseUrl }: WorkersAiInput): WorkersAiTarget {
  return {
    model: model ?? defaultWorkersAiModels[task],
    ...withoutUndefined({ accountId, apiToken, baseUrl: baseUrl?.replace(/\/+$/, '') }),
  };
}

function toPart(part: PartInput): ArtifactPart {
  return {
    sources: part.sources,
    sha256: part.sha256,
    name: part.name ?? nameOfSource(part.sources[0] ?? ''),
    ...(part.bytes === undefined ? {} : { bytes: part.bytes }),
  };
}

/** The last path segment, without a query and, for `hf:`, without the revision. */
function nameOfSource(source: string): string {
  const path = source.startsWith('hf:') ? source.replace(/@[^/@]*$/, '') : source.replace(/[?#].*$/, '');
  return path.split(/[/\\:]/).findLast((segment) => segment !== '') ?? 'part';
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}
