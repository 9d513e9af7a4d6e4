import { describe, expect, it } from 'vitest';
import { defaultRolloutSettings } from '../rollouts/rollout-settings.ts';
import { ManifestError } from './manifest-error.ts';
import { parseManifest } from './parse-manifest.ts';
import { parseVersion } from './parse-version.ts';
import { readRolloutSettings } from './read-rollout-settings.ts';

const upstream = { runtime: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', model: 'm' };

function parse(section: Record<string, unknown>) {
  const tiny = { task: 'chat', stable: '1.0.0', versions: { '1.0.0': upstream }, ...section };
  const value = { apiVersion: 'scarmonit/v1', models: { tiny } };
  return parseManifest({ value, lineOf: () => undefined }).models[0];
}

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('the section rollout', () => {
  it('is absent where it is not written', () => {
    expect(parse({})?.rollout).toBeUndefined();
  });

  it('is filled in, and takes fractions of minutes', () => {
    const rollout = { shadow: { percent: 10, pairs: 1000 }, minBakeMinutes: 0.05, sticky: 'header:X-Session' };
    expect(parse({ rollout })?.rollout).toEqual({ ...defaultRolloutSettings, ...rollout });
  });

  it('gives each strategy its own steps', () => {
    expect(parse({ rollout: { strategy: 'blue-green' } })?.rollout?.steps).toEqual([]);
    expect(parse({ rollout: { strategy: 'linear' } })?.rollout?.steps).toHaveLength(9);
  });

  it.each([
    [{ steps: [5, 5] }, 'models.tiny.rollout.steps must rise from each step to the next; it is 5, 5.'],
    [{ steps: [0] }, 'models.tiny.rollout.steps[0] must be a number above 0 and below 100, in percent.'],
    [
      { steps: [] },
      'models.tiny.rollout.steps must hold at least one percentage; for none, choose strategy: blue-green.',
    ],
    [
      { strategy: 'blue-green', steps: [5] },
      'models.tiny.rollout.steps stands beside strategy: blue-green, which switches at once; take it out.',
    ],
    [{ detect: 1 }, 'models.tiny.rollout.detect must be a number above 1.'],
    [{ falseRollbackBudget: 0.6 }, 'models.tiny.rollout.falseRollbackBudget must be a number above 0 and at most 0.5.'],
    [{ sticky: 'cookie' }, 'models.tiny.rollout.sticky must be none, key, user or header:NAME.'],
    [{ minBakeMinuts: 5 }, 'models.tiny.rollout.minBakeMinuts is not a known key; did you mean minBakeMinutes?'],
  ])('refuses %j', (rollout, message) => {
    expect(complaint(() => parse({ rollout }))).toBe(message);
  });
});

describe('the section maintenance', () => {
  it('is kept, and its date must exist', () => {
    const maintenance = { owner: 'ml-team', reviewEveryDays: 30, nextUpdate: '2027-01-15' };
    expect(parse({ maintenance })?.maintenance).toEqual(maintenance);
    expect(complaint(() => parse({ maintenance: { nextUpdate: '2027-02-30' } }))).toBe(
      'models.tiny.maintenance.nextUpdate must be a date that the calendar has, such as 2027-01-15.',
    );
  });
});

describe('readRolloutSettings', () => {
  it('puts what is asked in the place of what the model has', () => {
    const base = { ...defaultRolloutSettings, minBakeMinutes: 3, steps: [2, 20] };
    expect(readRolloutSettings({ steps: [50] }, base)).toEqual({ ...base, steps: [50] });
    expect(readRolloutSettings({ strategy: 'blue-green' }, base).steps).toEqual([]);
  });

  it('refuses steps beside a strategy of the model that has none', () => {
    const base = { ...defaultRolloutSettings, strategy: 'blue-green' as const, steps: [] };
    expect(() => readRolloutSettings({ steps: [50] }, base)).toThrow(/stands beside strategy: blue-green/);
    expect(() => readRolloutSettings({ stepz: [50] }, base)).toThrow('did you mean steps?');
  });
});

describe('parseVersion', () => {
  const read = (value: unknown) =>
    parseVersion(
      { value, lineOf: () => undefined },
      {
        model: 'tiny',
        version: '1.1.0',
        task: 'chat',
        models: { tiny: { task: 'chat', versions: { '1.0.0': { runtime: 'openai-compatible', fallbacks: [] } } } },
        explainSecretUse: () => undefined,
      },
    );

  it('reads what the manifest has under a number, and a card', () => {
    const { spec, card } = read({ ...upstream, fallbacks: ['1.0.0'], card: { text: '# Hi', parent: '1.0.0' } });
    expect(spec).toMatchObject({ model: 'tiny', version: '1.1.0', fallbacks: ['1.0.0'], targets: [{ model: 'm' }] });
    expect(card).toEqual({ text: '# Hi', parent: '1.0.0' });
  });

  it.each([
    [{ ...upstream, modle: 'x' }, 'modle is not a known key; did you mean model?'],
    [
      { ...upstream, fallbacks: ['9.9.9'] },
      'fallbacks[0] is 9.9.9, which is neither a version of tiny nor a model; there is 1.0.0.',
    ],
    [{ ...upstream, card: { licence: 'x' } }, 'card.licence is not a known key; did you mean license?'],
    ['text', 'The version must be a mapping with runtime, and artifact or baseUrl.'],
  ])('refuses %j', (value, message) => {
    expect(complaint(() => read(value))).toBe(message);
  });
});
