import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** What a version of the `llama-cpp` runtime may set in the manifest. */
export interface LlamaCppOptions {
  /** Most tokens of one request, prompt and answer together. Absent: the model's own limit, 2048 at the most. */
  readonly contextTokens: number | undefined;
  /** How many requests run at once; each holds a context of its own. */
  readonly sequences: number;
  /** Threads that compute. More than there are idle cores makes everything slower. */
  readonly threads: number;
  /** Most tokens of a prompt that are computed in one go, but for up to 15 that end it. */
  readonly batchTokens: number;
  /** How many requests may wait for a sequence. */
  readonly queueLimit: number;
  readonly flashAttention: boolean;
  /** Which build of llama.cpp runs it: see {@link EngineBuild}. */
  readonly build: EngineBuild;
}

/**
 * `native` was compiled on this machine (`scarmonit engines build`) and computes on the processor; `prebuilt` came with
 * the installation, or with `scarmonit engines add`, and may compute on a graphics card. `auto` takes the native one where
 * there is one and no graphics card.
 */
export type EngineBuild = 'auto' | 'native' | 'prebuilt';

const builds: readonly EngineBuild[] = ['auto', 'native', 'prebuilt'];

interface NumberRule {
  readonly min: number;
  readonly max: number;
}

const numberRules: Readonly<Record<string, NumberRule>> = {
  contextTokens: { min: 16, max: 1_048_576 },
  sequences: { min: 1, max: 64 },
  threads: { min: 1, max: 1024 },
  batchTokens: { min: 16, max: 8192 },
  queueLimit: { min: 0, max: 100_000 },
};
const knownKeys = [...Object.keys(numberRules), 'flashAttention', 'build'];

/**
 * Checks a version's options and fills in the defaults.
 * @param cores how many cores the machine has
 * @throws ScarmonitError `invalid_request` that names the option and what it may be
 */
export function readOptions(options: Readonly<Record<string, unknown>>, cores: number): LlamaCppOptions {
  for (const key of Object.keys(options)) {
    if (!knownKeys.includes(key)) {
      throw refused(key, `is not an option of the llama-cpp runtime; the options are ${knownKeys.join(', ')}`);
    }
  }
  return {
    contextTokens: readNumber(options, 'contextTokens'),
    sequences: readNumber(options, 'sequences') ?? 4,
    threads: readNumber(options, 'threads') ?? cores,
    batchTokens: readNumber(options, 'batchTokens') ?? 512,
    queueLimit: readNumber(options, 'queueLimit') ?? 64,
    flashAttention: readFlag(options, 'flashAttention') ?? true,
    build: readBuild(options.build),
  };
}

function readNumber(options: Readonly<Record<string, unknown>>, key: string): number | undefined {
  const value = options[key];
  const rule = numberRules[key];
  if (value === undefined || rule === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < rule.min || value > rule.max) {
    throw refused(key, `must be a whole number from ${rule.min} to ${rule.max}`);
  }
  return value;
}

function readFlag(options: Readonly<Record<string, unknown>>, key: string): boolean | undefined {
  const value = options[key];
  if (value === undefined || typeof value === 'boolean') return value;
  throw refused(key, 'must be true or false');
}

function readBuild(value: unknown): EngineBuild {
  const build = builds.find((name) => name === (value ?? 'auto'));
  if (build === undefined) throw refused('build', `must be one of ${builds.join(', ')}`);
  return build;
}

function refused(key: string, reason: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `options.${key} ${reason}.`, { param: `options.${key}` });
}
