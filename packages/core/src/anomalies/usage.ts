/** Who behaves: all requests of a model together, or those of one key. */
export type SubjectKind = 'model' | 'key';

/** How long the windows are that usage is counted and judged by, in milliseconds. */
export const usageWindowMs = 300_000;

/** What a subject did in a window. Usages of several processes add up. */
export interface Usage {
  readonly requests: number;
  /** Of a model: what it failed to answer. Of a key: also what it asked wrongly. */
  readonly errors: number;
  /** Of input and output. */
  readonly tokens: number;
  /** How many answers took how long, by {@link latencyBin}; trailing zeros may be left out. */
  readonly latency: readonly number[];
}

/** Bins are half an octave wide, from 1 ms on. */
const binsPerOctave = 2;
/** The last bin holds whatever took longer than 12 minutes. */
export const latencyBins = 40;

export function latencyBin(latencyMs: number): number {
  return latencyMs <= 1 ? 0 : Math.min(latencyBins - 1, Math.floor(Math.log2(latencyMs) * binsPerOctave));
}

/** The median latency in milliseconds, placed in its bin by its rank; undefined without answers. */
export function medianLatency({ latency }: Usage): number | undefined {
  const answers = latency.reduce((sum, count) => sum + count, 0);
  if (answers === 0) return undefined;
  let below = 0;
  for (const [bin, count] of latency.entries()) {
    if (below + count >= answers / 2) {
      const share = (answers / 2 - below) / count;
      return 2 ** ((bin + share) / binsPerOctave);
    }
    below += count;
  }
  return undefined;
}

export function addUsage(one: Usage, other: Usage): Usage {
  const bins = Math.max(one.latency.length, other.latency.length);
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    tokens: one.tokens + other.tokens,
    latency: Array.from({ length: bins }, (_, bin) => (one.latency[bin] ?? 0) + (other.latency[bin] ?? 0)),
  };
}

/** Nothing was done. */
export const noUsage: Usage = { requests: 0, errors: 0, tokens: 0, latency: [] };
