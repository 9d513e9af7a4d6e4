import { floorTo } from '../metrics/windows.ts';
import type { UsageRow } from '../ports/anomaly-repository.ts';
import type { Outcome, Prediction } from '../ports/prediction-repository.ts';
import { latencyBin, latencyBins, type SubjectKind, usageWindowMs } from './usage.ts';

/** What was counted since the last time, to be written. */
export interface TakenUsage {
  readonly rows: readonly UsageRow[];
  /** Must be called when it could not be written: then it is part of what is taken next. */
  putBack(): void;
}

/** Keys of a window that are told apart in one process; the requests of others count for their models alone. */
const mostKeys = 2_000;
/** Windows that could not be written are given up after so many others. */
const mostWindows = 4;

/**
 * Counts by model and by key what was asked and how it ended, in windows of five minutes, by the end of the requests. In
 * memory; a request costs two map reads, a logarithm and additions.
 */
export class UsageCounters {
  readonly #source: string;
  #made = 0;
  #current: Window | undefined;
  #unwritten: Window[] = [];

  /** @param source of this process, and never of another: a restarted one is another */
  constructor(source: string) {
    this.#source = source;
  }

  count(prediction: Prediction): void {
    const window = this.#windowOf(prediction.createdAt + prediction.latencyMs);
    const { outcome, latencyMs } = prediction;
    const tokens = prediction.inputTokens + prediction.outputTokens;
    const bin = outcome === 'ok' ? latencyBin(latencyMs) : undefined;
    window.countOf('model', prediction.model).add(isFailure(outcome), tokens, bin);
    window.countOf('key', prediction.keyId)?.add(isFailure(outcome) || outcome === 'client_error', tokens, bin);
  }

  /** @param now milliseconds since the Unix epoch; windows that are over and written are forgotten */
  take(now: number): TakenUsage {
    const windows = this.#unwritten;
    const taken = windows.map((window) => window.take());
    this.#unwritten = windows.filter((window) => window === this.#current && now < window.startedAt + usageWindowMs);
    if (this.#unwritten.length === 0) this.#current = undefined;
    return {
      rows: taken.flatMap(({ rows }) => rows),
      putBack: () => {
        for (const { putBack } of taken) putBack();
        this.#unwritten = [...new Set([...windows, ...this.#unwritten])].slice(-mostWindows);
      },
    };
  }

  /** Requests end in the window that runs, but for some at its edge: they count in it too. */
  #windowOf(endedAt: number): Window {
    const current = this.#current;
    if (current !== undefined && endedAt < current.startedAt + usageWindowMs) return current;
    this.#made += 1;
    const window = new Window(floorTo(endedAt, usageWindowMs), `${this.#source}.${this.#made.toString(36)}`);
    this.#current = window;
    this.#unwritten.push(window);
    return window;
  }
}

class Window {
  readonly startedAt: number;
  readonly #source: string;
  readonly #models = new Map<string, Count>();
  readonly #keys = new Map<string, Count>();
  #dirty: Count[] = [];

  constructor(startedAt: number, source: string) {
    this.startedAt = startedAt;
    this.#source = source;
  }

  countOf(kind: 'model', subject: string): Count;
  countOf(kind: 'key', subject: string): Count | undefined;
  countOf(kind: SubjectKind, subject: string): Count | undefined {
    const counts = kind === 'model' ? this.#models : this.#keys;
    let count = counts.get(subject);
    if (count === undefined) {
      if (kind === 'key' && counts.size >= mostKeys) return undefined;
      count = new Count(kind, subject);
      counts.set(subject, count);
    }
    if (!count.isDirty) {
      count.isDirty = true;
      this.#dirty.push(count);
    }
    return count;
  }

  take(): TakenUsage {
    const counts = this.#dirty;
    this.#dirty = [];
    for (const count of counts) count.isDirty = false;
    return {
      rows: counts.map((count) => count.toRow(this.startedAt, this.#source)),
      putBack: () => {
        for (const count of counts) {
          if (count.isDirty) continue;
          count.isDirty = true;
          this.#dirty.push(count);
        }
      },
    };
  }
}

class Count {
  readonly #kind: SubjectKind;
  readonly #subject: string;
  isDirty = false;
  #requests = 0;
  #errors = 0;
  #tokens = 0;
  readonly #latency = new Uint32Array(latencyBins);

  constructor(kind: SubjectKind, subject: string) {
    this.#kind = kind;
    this.#subject = subject;
  }

  add(isError: boolean, tokens: number, bin: number | undefined): void {
    this.#requests += 1;
    if (isError) this.#errors += 1;
    this.#tokens += tokens;
    if (bin !== undefined) this.#latency[bin] = (this.#latency[bin] ?? 0) + 1;
  }

  toRow(startedAt: number, source: string): UsageRow {
    let bins = latencyBins;
    while (bins > 0 && this.#latency[bins - 1] === 0) bins -= 1;
    return {
      startedAt,
      kind: this.#kind,
      subject: this.#subject,
      source,
      requests: this.#requests,
      errors: this.#errors,
      tokens: this.#tokens,
      latency: Array.from(this.#latency.subarray(0, bins)),
    };
  }
}

function isFailure(outcome: Outcome): boolean {
  return outcome === 'error' || outcome === 'timeout';
}
