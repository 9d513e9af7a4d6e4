import type { Task } from '../registry/version-spec.ts';
import { detectScript } from './detect-script.ts';
import type { Counts } from './divergence.ts';
import { binOfLength } from './drift-counters.ts';
import { projectEmbedding } from './project-embedding.ts';
import { readInput } from './read-input.ts';

/** A request of a data set, and what was or should be answered to it. Whatever is not there is not counted. */
export interface DriftExample {
  /** A text, texts, or messages. */
  readonly input?: unknown;
  /** The class of a classifier, or an embedding; the text of a chat says nothing that is counted. */
  readonly output?: unknown;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** The distributions of a data set by feature, counted as those of requests are. No content is kept. */
export function countExamples(examples: readonly DriftExample[], task: Task): ReadonlyMap<string, Counts> {
  const features = new Map<string, Record<string, number>>();
  const add = (feature: string, bin: string): void => {
    const bins = features.get(feature) ?? {};
    bins[bin] = (bins[bin] ?? 0) + 1;
    features.set(feature, bins);
  };
  for (const { input, output, inputTokens, outputTokens } of examples) {
    if (inputTokens !== undefined && inputTokens > 0) add('input-tokens', binOfLength(inputTokens));
    if (outputTokens !== undefined && outputTokens > 0) add('output-tokens', binOfLength(outputTokens));
    const text = isMessages(input) ? readInput({ messages: input }) : readInput({ input });
    if (text !== undefined) add('script', detectScript(text));
    if (task === 'classification' && typeof output === 'string') add('label', output);
    if (task === 'embedding' && isVector(output)) {
      for (const [direction, bin] of projectEmbedding(Float32Array.from(output)).entries()) {
        add(`embedding-${direction + 1}`, String(bin));
      }
    }
  }
  return features;
}

function isMessages(input: unknown): boolean {
  return Array.isArray(input) && typeof input[0] === 'object';
}

function isVector(output: unknown): output is readonly number[] {
  return Array.isArray(output) && output.length > 0 && output.every((one) => typeof one === 'number');
}
