import type { KeyHourRow, MetricSeries, MetricsFlush, MinuteRow, SeenUser } from '../ports/metrics-repository.ts';
import type { Outcome, Prediction } from '../ports/prediction-repository.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { type RefusalReason, refusalSeries } from './refusals.ts';
import { hourMs, minuteMs } from './windows.ts';

/** What was counted since the last time, to be written. */
export interface TakenMetrics {
  readonly flush: MetricsFlush;
  /** Must be called when it could not be written: then it is part of what is taken next. */
  putBack(): void;
}

/** What could not be written for so long is given up, so that memory has a bound while the store is away. */
const keptUnwrittenMs = hourMs;
/** Keys of an hour that are told apart in one process. */
const mostKeys = 10_000;

/**
 * Counts requests as they end, in memory. What is taken from it is the whole of each minute that has changed, under a
 * source that no other process or minute has, so that writing it twice, or a second later once more, counts it once.
 *
 * A request costs a handful of map reads and additions.
 */
export class MetricCounters {
  readonly #source: string;
  readonly #minutes = new Map<number, Minute>();
  readonly #keyHours = new Map<string, KeyHour>();
  #current: Minute | undefined;
  #made = 0;
  #dirty: Series[] = [];
  #dirtyKeys: KeyHour[] = [];
  #users = new Map<string, Map<string, number>>();
  #lost = 0;

  /** @param source of this process, and never of another: a restarted one is another */
  constructor(source: string) {
    this.#source = source;
  }

  /** Whether anything waits to be taken. */
  get isDirty(): boolean {
    return this.#dirty.length > 0 || this.#users.size > 0;
  }

  /** Requests whose minute was given up before it could be written. */
  get lost(): number {
    return this.#lost;
  }

  count(prediction: Prediction): void {
    const endedAt = prediction.createdAt + prediction.latencyMs;
    this.#dirtySeries(prediction, endedAt).add(prediction);
    const { endUser, model } = prediction;
    if (endUser !== undefined) this.#noteUser(model, endUser, endedAt);
    this.#countKey(prediction, endedAt);
  }

  /** Counts a request that was refused before a version was chosen. @param at milliseconds since the Unix epoch */
  countRefusal(reason: RefusalReason, at: number): void {
    this.#dirtySeries(refusalSeries(reason), at).requests += 1;
  }

  /** @param now milliseconds since the Unix epoch; minutes that are over and written are forgotten */
  take(now: number): TakenMetrics {
    const series = this.#dirty;
    const keys = this.#dirtyKeys;
    const users = this.#users;
    this.#dirty = [];
    this.#dirtyKeys = [];
    this.#users = new Map();
    for (const one of series) one.isDirty = false;
    for (const one of keys) one.isDirty = false;
    const flush: MetricsFlush = {
      minutes: series.map((one) => one.toRow()),
      keyHours: keys.map((one) => one.toRow()),
      users: [...users].flatMap(([model, seen]) => [...seen].map(([endUser, at]) => toSeenUser(model, endUser, at))),
    };
    this.#forget(now);
    return { flush, putBack: () => this.#putBack(series, keys, users) };
  }

  #dirtySeries(of: MetricSeries, endedAt: number): Series {
    const series = this.#minuteOf(endedAt).seriesOf(of);
    if (!series.isDirty) {
      series.isDirty = true;
      this.#dirty.push(series);
    }
    return series;
  }

  #putBack(series: readonly Series[], keys: readonly KeyHour[], users: Map<string, Map<string, number>>): void {
    for (const one of series) {
      if (one.isDirty) continue;
      one.isDirty = true;
      this.#dirty.push(one);
    }
    for (const one of keys) {
      if (one.isDirty) continue;
      one.isDirty = true;
      this.#dirtyKeys.push(one);
    }
    for (const [model, seen] of users) for (const [endUser, at] of seen) this.#noteUser(model, endUser, at);
    this.#giveUp();
  }

  #minuteOf(endedAt: number): Minute {
    const startedAt = Math.floor(endedAt / minuteMs) * minuteMs;
    if (this.#current?.startedAt === startedAt) return this.#current;
    let minute = this.#minutes.get(startedAt);
    if (minute === undefined) {
      // A minute that was forgotten and comes back is another source: its rows add to the ones that are written.
      this.#made += 1;
      minute = new Minute(startedAt, `${this.#source}.${this.#made.toString(36)}`);
      this.#minutes.set(startedAt, minute);
    }
    this.#current = minute;
    return minute;
  }

  #noteUser(model: string, endUser: string, at: number): void {
    let seen = this.#users.get(model);
    if (seen === undefined) {
      seen = new Map();
      this.#users.set(model, seen);
    }
    const before = seen.get(endUser);
    if (before === undefined || before < at) seen.set(endUser, at);
  }

  #countKey(prediction: Prediction, endedAt: number): void {
    const { keyId } = prediction;
    const startedAt = Math.floor(endedAt / hourMs) * hourMs;
    let hour = this.#keyHours.get(keyId);
    if (hour?.startedAt !== startedAt) {
      if (hour === undefined && this.#keyHours.size >= mostKeys) return;
      this.#made += 1;
      hour = new KeyHour(keyId, startedAt, `${this.#source}.${this.#made.toString(36)}`);
      this.#keyHours.set(keyId, hour);
    }
    if (!hour.isDirty) {
      hour.isDirty = true;
      this.#dirtyKeys.push(hour);
    }
    hour.add(prediction);
  }

  /** What is taken keeps what it holds: a minute that is forgotten here can still be put back. */
  #forget(now: number): void {
    const current = Math.floor(now / minuteMs) * minuteMs;
    for (const startedAt of this.#minutes.keys()) {
      if (startedAt < current - minuteMs) this.#minutes.delete(startedAt);
    }
    if (this.#current !== undefined && !this.#minutes.has(this.#current.startedAt)) this.#current = undefined;
    for (const [keyId, { startedAt }] of this.#keyHours) {
      if (startedAt < current - hourMs) this.#keyHours.delete(keyId);
    }
  }

  #giveUp(): void {
    const newest = Math.max(...this.#dirty.map(({ startedAt }) => startedAt));
    const isKept = ({ startedAt }: { readonly startedAt: number }): boolean => startedAt > newest - keptUnwrittenMs;
    for (const series of this.#dirty) if (!isKept(series)) this.#lost += series.requests;
    this.#dirty = this.#dirty.filter(isKept);
    this.#dirtyKeys = this.#dirtyKeys.filter(isKept);
  }
}

class Minute {
  readonly startedAt: number;
  readonly #source: string;
  readonly #versions = new Map<string, Map<string, Map<string, Map<Outcome, Series>>>>();

  constructor(startedAt: number, source: string) {
    this.startedAt = startedAt;
    this.#source = source;
  }

  seriesOf({ model, version, route, outcome }: MetricSeries): Series {
    const outcomes = mapIn(mapIn(mapIn(this.#versions, model), version), route);
    let series = outcomes.get(outcome);
    if (series === undefined) {
      series = new Series({ model, version, route, outcome }, this.startedAt, this.#source);
      outcomes.set(outcome, series);
    }
    return series;
  }
}

function mapIn<Key, Inner>(outer: Map<string, Map<Key, Inner>>, name: string): Map<Key, Inner> {
  let inner = outer.get(name);
  if (inner === undefined) {
    inner = new Map();
    outer.set(name, inner);
  }
  return inner;
}

class Series {
  readonly startedAt: number;
  readonly #of: MetricSeries;
  readonly #source: string;
  readonly #latency = new QuantileSketch();
  readonly #firstToken = new QuantileSketch();
  readonly #queue = new QuantileSketch();
  isDirty = false;
  requests = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #costUsd = 0;

  constructor(of: MetricSeries, startedAt: number, source: string) {
    this.#of = of;
    this.startedAt = startedAt;
    this.#source = source;
  }

  add({ latencyMs, firstTokenMs, queueMs, inputTokens, outputTokens, costUsd }: Prediction): void {
    this.requests += 1;
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
    this.#costUsd += costUsd;
    this.#latency.add(latencyMs);
    if (firstTokenMs !== undefined) this.#firstToken.add(firstTokenMs);
    if (queueMs !== undefined) this.#queue.add(queueMs);
  }

  toRow(): MinuteRow {
    const { model, version, route, outcome } = this.#of;
    return {
      startedAt: this.startedAt,
      model,
      version,
      route,
      outcome,
      source: this.#source,
      requests: this.requests,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costUsd: this.#costUsd,
      latency: this.#latency.toText(),
      firstToken: this.#firstToken.toText(),
      queue: this.#queue.toText(),
    };
  }
}

class KeyHour {
  readonly startedAt: number;
  readonly #keyId: string;
  readonly #source: string;
  isDirty = false;
  #requests = 0;
  #errors = 0;
  #tokens = 0;
  #latencyMs = 0;

  constructor(keyId: string, startedAt: number, source: string) {
    this.#keyId = keyId;
    this.startedAt = startedAt;
    this.#source = source;
  }

  add({ outcome, inputTokens, outputTokens, latencyMs }: Prediction): void {
    this.#requests += 1;
    if (outcome === 'error' || outcome === 'timeout' || outcome === 'client_error') this.#errors += 1;
    this.#tokens += inputTokens + outputTokens;
    this.#latencyMs += latencyMs;
  }

  toRow(): KeyHourRow {
    return {
      keyId: this.#keyId,
      startedAt: this.startedAt,
      source: this.#source,
      requests: this.#requests,
      errors: this.#errors,
      tokens: this.#tokens,
      latencyMs: this.#latencyMs,
    };
  }
}

function toSeenUser(model: string, endUser: string, lastSeenAt: number): SeenUser {
  return { model, endUser, lastSeenAt: Math.round(lastSeenAt) };
}
