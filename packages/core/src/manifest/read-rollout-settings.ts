import type { z } from 'zod';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { defaultRolloutSettings, defaultSteps, type RolloutSettings } from '../rollouts/rollout-settings.ts';
import type { Sticky } from '../routing/traffic.ts';
import { explainIssue } from './explain-issue.ts';
import { rolloutSchema } from './rollout-schema.ts';

type RolloutSection = z.output<typeof rolloutSchema>;

/**
 * Fills in what a rollout section leaves out. A strategy brings its own steps.
 * @param base what holds where nothing is said
 */
export function toRolloutSettings(
  { shadow, sticky, ...section }: RolloutSection,
  base: RolloutSettings = defaultRolloutSettings,
): RolloutSettings {
  const said = Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));
  const strategy = section.strategy ?? base.strategy;
  const inherited = strategy === base.strategy ? base.steps : defaultSteps(strategy);
  const copied = shadow ?? base.shadow;
  return {
    ...base,
    ...said,
    strategy,
    steps: section.steps ?? inherited,
    // The schema has checked its form.
    sticky: (sticky as Sticky | undefined) ?? base.sticky,
    ...(copied === undefined ? {} : { shadow: copied }),
  };
}

/**
 * Reads the settings of one rollout, which somebody asked for in place of some of the model's own.
 * @param value as in the manifest's section `rollout`; unknown keys are refused
 * @throws ScarmonitError `invalid_request` that lists what to change
 */
export function readRolloutSettings(value: unknown, base: RolloutSettings): RolloutSettings {
  const given =
    typeof value === 'object' && value !== null && !('strategy' in value) ? { strategy: base.strategy } : {};
  const result = rolloutSchema.safeParse(typeof value === 'object' && value !== null ? { ...given, ...value } : value);
  if (result.success) return toRolloutSettings(result.data, base);
  const document = { value, lineOf: () => undefined };
  const issues = result.error.issues.flatMap((issue) => explainIssue(issue, rolloutSchema, document));
  const [first] = issues;
  throw new ScarmonitError('invalid_request', issues.map(({ message }) => message).join(' '), {
    code: 'invalid_rollout_settings',
    ...(first === undefined || first.path === '' ? {} : { param: `settings.${first.path}` }),
  });
}
