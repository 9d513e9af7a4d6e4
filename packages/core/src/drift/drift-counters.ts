import { dayMs, floorTo } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { DriftCount } from '../ports/drift-repository.ts';
import type { TextInput } from '../ports/model-runtime.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { ContentWatch, ReadableRequest, VersionName } from './content-watch.ts';
import { detectScript } from './detect-script.ts';
import { otherBin } from './divergence.ts';
import { projectEmbedding } from './project-embedding.ts';
import { readInput } from './read-input.ts';

/** One request of so many has its text or its embedding looked at: that costs microseconds, counting does not. */
const sampledOneOf = 8;
/** Bins of a feature that are told apart between two writes; what is beyond them is counted together. */
const mostBins = 128;
/** Versions that are counted between two writes. */
const mostVersions = 200;

/** What was counted since the last time, to be written. */
export interface TakenDrift {
  readonly counts: readonly DriftCount[];
  /** Must be called when it could not be written: then it is part of what is taken next. */
  putBack(): void;
}

/**
 * Counts by version and day how long requests and answers are, what classifiers say, which writing systems inputs are in and
 * where embeddings point. In memory, and counts alone: no content is kept. A request costs two map reads and additions.
 */
export class DriftCounters implements ContentWatch {
  readonly #clock: Pick<Clock, 'now'>;
  #models = new Map<string, Map<string, VersionCounts>>();
  /** Of earlier days, or put back. */
  #closed: VersionCounts[] = [];
  #versions = 0;
  #turn = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Counts the lengths of a request that was answered. */
  count(prediction: Prediction): void {
    if (prediction.outcome !== 'ok') return;
    const { createdAt, latencyMs, inputTokens, outputTokens } = prediction;
    const counts = this.#countsOf(prediction, createdAt + latencyMs);
    if (counts === undefined) return;
    if (inputTokens > 0) addLength(counts.inputs, inputTokens);
    if (outputTokens > 0) addLength(counts.outputs, outputTokens);
  }

  noteRequest(of: VersionName, request: ReadableRequest): void {
    if (!this.#isSampled()) return;
    const counts = this.#countsOf(of, this.#clock.now());
    if (counts !== undefined) noteText(counts, readInput(request));
  }

  noteLabels(of: VersionName, input: TextInput, labels: readonly string[]): void {
    const counts = this.#countsOf(of, this.#clock.now());
    if (counts === undefined) return;
    for (const label of labels) counts.add('label', label);
    if (this.#isSampled()) noteText(counts, firstText(input));
  }

  noteVectors(of: VersionName, input: TextInput, vectors: readonly Float32Array[]): void {
    if (!this.#isSampled()) return;
    const counts = this.#countsOf(of, this.#clock.now());
    if (counts === undefined) return;
    noteText(counts, firstText(input));
    const [first] = vectors;
    if (first === undefined) return;
    for (const [direction, bin] of projectEmbedding(first).entries()) {
      counts.add(`embedding-${direction + 1}`, String(bin));
    }
  }

  take(): TakenDrift {
    const taken = [...this.#closed, ...[...this.#models.values()].flatMap((versions) => [...versions.values()])];
    this.#closed = [];
    this.#models = new Map();
    this.#versions = 0;
    return {
      counts: taken.flatMap((counts) => counts.toCounts()),
      putBack: () => {
        this.#closed = [...taken, ...this.#closed].slice(-mostVersions);
      },
    };
  }

  #isSampled(): boolean {
    this.#turn = (this.#turn + 1) % sampledOneOf;
    return this.#turn === 0;
  }

  #countsOf({ model, version }: VersionName, at: number): VersionCounts | undefined {
    let versions = this.#models.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#models.set(model, versions);
    }
    let counts = versions.get(version);
    if (counts !== undefined && at < counts.day + dayMs) return counts;
    if (this.#versions + this.#closed.length >= mostVersions) return undefined;
    if (counts === undefined) this.#versions += 1;
    else this.#closed.push(counts);
    counts = new VersionCounts(floorTo(at, dayMs), { model, version });
    versions.set(version, counts);
    return counts;
  }
}

const octaves = 24;

class VersionCounts {
  readonly day: number;
  readonly #of: VersionName;
  /** Requests by the octave of their lengths. */
  readonly inputs = new Float64Array(octaves);
  readonly outputs = new Float64Array(octaves);
  readonly #features = new Map<string, Map<string, number>>();

  constructor(day: number, of: VersionName) {
    this.day = day;
    this.#of = of;
  }

  add(feature: string, bin: string): void {
    let bins = this.#features.get(feature);
    if (bins === undefined) {
      bins = new Map();
      this.#features.set(feature, bins);
    }
    const told = bins.has(bin) || bins.size < mostBins ? bin : otherBin;
    bins.set(told, (bins.get(told) ?? 0) + 1);
  }

  toCounts(): readonly DriftCount[] {
    const { day } = this;
    const of = (feature: string, bin: string, requests: number): DriftCount => ({
      day,
      model: this.#of.model,
      version: this.#of.version,
      feature,
      bin,
      requests,
    });
    const lengths = (feature: string, counts: Float64Array): DriftCount[] =>
      Array.from(counts, (requests, octave) => of(feature, nameOctave(octave), requests)).filter(
        ({ requests }) => requests > 0,
      );
    return [
      ...lengths('input-tokens', this.inputs),
      ...lengths('output-tokens', this.outputs),
      ...[...this.#features].flatMap(([feature, bins]) =>
        [...bins].map(([bin, requests]) => of(feature, bin, requests)),
      ),
    ];
  }
}

function addLength(counts: Float64Array, tokens: number): void {
  const octave = octaveOf(tokens);
  counts[octave] = (counts[octave] ?? 0) + 1;
}

function octaveOf(tokens: number): number {
  return Math.min(octaves - 1, 31 - Math.clz32(tokens));
}

/** In which bin a length is counted. @param tokens at least 1 */
export function binOfLength(tokens: number): string {
  return nameOctave(octaveOf(tokens));
}

/** By the range of lengths: `64-127`. */
function nameOctave(octave: number): string {
  return octave === 0 ? '1' : `${2 ** octave}-${2 ** (octave + 1) - 1}`;
}

function noteText(counts: VersionCounts, text: string | undefined): void {
  if (text !== undefined) counts.add('script', detectScript(text));
}

function firstText(input: TextInput): string | undefined {
  return input.kind === 'texts' ? input.texts[0] : undefined;
}
