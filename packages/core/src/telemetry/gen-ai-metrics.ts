import type { HistogramMetric, HistogramPoint, Temporality } from './otlp-json.ts';
import type { Attributes } from './span.ts';
import type { EndedAttempt } from './tracer.ts';

/** As the conventions advise. */
const durationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const perTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const tokenBounds = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

const described = [
  ['gen_ai.server.request.duration', 's', 'Time until the last byte or token of the answer.', durationBounds],
  ['gen_ai.server.time_to_first_token', 's', 'Time until the first token, of good answers.', firstTokenBounds],
  ['gen_ai.server.time_per_output_token', 's', 'Time for each token after the first, of good answers.', perTokenBounds],
  ['gen_ai.client.token.usage', '{token}', 'Tokens that were read and written.', tokenBounds],
] as const;
type MetricName = (typeof described)[number][0];

/**
 * The metrics of the conventions for generative AI, counted in this process since it began, or since the last look.
 * Their attributes come from the manifest and the server's own words.
 */
export class GenAiMetrics {
  readonly #temporality: Temporality;
  readonly #histograms: ReadonlyMap<MetricName, Map<string, Histogram>>;
  #since: number;

  /** @param now when it begins; milliseconds since the Unix epoch */
  constructor(temporality: Temporality, now: number) {
    this.#temporality = temporality;
    this.#since = now;
    this.#histograms = new Map(described.map(([name]) => [name, new Map()]));
  }

  add({ operation, record }: EndedAttempt): void {
    const { model, version, outcome, latencyMs, firstTokenMs, inputTokens, outputTokens } = record;
    const same = `${operation.name}|${model}|${version}`;
    const describe = (more: Attributes): Attributes => ({
      'gen_ai.operation.name': operation.name,
      'gen_ai.provider.name': operation.provider,
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      'scarmonit.model.version': version,
      ...more,
    });
    const isOk = outcome === 'ok';
    this.#note('gen_ai.server.request.duration', `${same}|${outcome}`, latencyMs / 1_000, () =>
      describe(isOk ? {} : { 'error.type': outcome }),
    );
    if (isOk && firstTokenMs !== undefined) {
      this.#note('gen_ai.server.time_to_first_token', same, firstTokenMs / 1_000, () => describe({}));
      if (outputTokens > 1) {
        const perToken = (latencyMs - firstTokenMs) / 1_000 / (outputTokens - 1);
        this.#note('gen_ai.server.time_per_output_token', same, perToken, () => describe({}));
      }
    }
    this.#noteTokens(`${same}|input`, inputTokens, () => describe({ 'gen_ai.token.type': 'input' }));
    this.#noteTokens(`${same}|output`, outputTokens, () => describe({ 'gen_ai.token.type': 'output' }));
  }

  /** What was counted; under `delta` the count begins anew. @param now the time of this look */
  take(now: number): readonly HistogramMetric[] {
    const since = this.#since;
    const metrics = described.flatMap(([name, unit, description, bounds]): HistogramMetric[] => {
      const points = [...(this.#histograms.get(name)?.values() ?? [])].map((one) => one.toPoint(bounds, since));
      return points.length === 0 ? [] : [{ name, unit, description, points }];
    });
    if (this.#temporality === 'delta') {
      this.#since = now;
      for (const histograms of this.#histograms.values()) histograms.clear();
    }
    return metrics;
  }

  #noteTokens(key: string, tokens: number, describe: () => Attributes): void {
    if (tokens > 0) this.#note('gen_ai.client.token.usage', key, tokens, describe);
  }

  /** @param describe called for the first value of a key */
  #note(name: MetricName, key: string, value: number, describe: () => Attributes): void {
    const histograms = this.#histograms.get(name);
    let histogram = histograms?.get(key);
    if (histogram === undefined) {
      histogram = new Histogram(describe(), described.find((one) => one[0] === name)?.[3] ?? []);
      histograms?.set(key, histogram);
    }
    histogram.add(value);
  }
}

class Histogram {
  readonly #attributes: Attributes;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #smallest = Number.POSITIVE_INFINITY;
  #largest = Number.NEGATIVE_INFINITY;

  constructor(attributes: Attributes, bounds: readonly number[]) {
    this.#attributes = attributes;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(value: number): void {
    // Bounds belong to the stretch below them.
    const place = this.#bounds.findIndex((bound) => value <= bound);
    const at = place === -1 ? this.#bounds.length : place;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
    this.#smallest = Math.min(this.#smallest, value);
    this.#largest = Math.max(this.#largest, value);
  }

  toPoint(bounds: readonly number[], startedAt: number): HistogramPoint {
    return {
      attributes: this.#attributes,
      startedAt,
      bounds,
      counts: [...this.#counts],
      sum: this.#sum,
      smallest: this.#smallest,
      largest: this.#largest,
    };
  }
}
