import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Engine, EngineFactory } from '@scarmonit/core/ports/engine';
import type { EmbedRequest, TextInput } from '@scarmonit/core/ports/model-runtime';
import { Batcher } from './batcher.ts';
import { parseOptions } from './options.ts';
import { scaleToUnit } from './pool-rows.ts';
import { rankLabels } from './rank-labels.ts';
import { readArtifact } from './read-artifact.ts';
import { openSession } from './session.ts';
import { createTokenizer, type TextTokenizer, type TokenIds } from './tokenize.ts';
import { warmUp } from './warm-up.ts';

/**
 * The engine of runtime `onnx`: text encoders (sentence-transformers and the like) and text classifiers as ONNX graphs,
 * with dynamic batching. The artifact is a tar with `model.onnx`, `tokenizer.json` and `config.json` (`OnnxConfig`); the
 * options of a version are `OnnxOptions`. In its figures a slot, and what runs or waits, is a text.
 *
 * Token arrays are the content of a text: the model's special tokens are added unless they are there.
 */
export const createEngine: EngineFactory = async (spec, artifactPath) => {
  const options = parseOptions(spec.options);
  const { model, tokenizer: tokenizerJson, config } = await readArtifact(artifactPath);
  if (config.task !== spec.task) {
    throw new ScarmonitError(
      'engine_failure',
      `The artifact is for task '${config.task}', but the model is declared with task '${spec.task}'.`,
    );
  }
  const { maxTokens, labels } = config;
  const tokenizer = createTokenizer(tokenizerJson, { maxTokens, truncate: options.truncate });
  const session = await openSession({ model, config, threads: options.threads, padId: tokenizer.padId });
  const width = await warmUp(session, { maxTokens, maxBatch: options.maxBatch });
  if (config.task === 'classification' && width !== labels.length) {
    throw new ScarmonitError(
      'engine_failure',
      `The artifact names ${labels.length} labels, but its graph scores ${width}.`,
    );
  }
  const batcher = new Batcher({ ...options, clock: systemClock, run: (rows) => session.run(rows) });

  const infer = async (input: TextInput, signal: AbortSignal) => {
    const count = input.kind === 'texts' ? input.texts.length : input.tokens.length;
    if (count === 0) throw new ScarmonitError('invalid_request', "'input' is empty.", { param: 'input' });
    batcher.assertRoomFor(count);
    const rows =
      count <= tokenizedAtOnce
        ? tokenize(tokenizer, input, 0, count)
        : await tokenizeMany(tokenizer, input, count, signal);
    const vectors = await batcher.submit(rows, signal);
    return { vectors, inputTokens: rows.reduce((sum, row) => sum + row.length, 0) };
  };
  const shorten = createShortener(width, options.matryoshka);

  const engine: Engine = {
    ...(config.task === 'embedding'
      ? {
          async embed({ input, dimensions }, { signal }) {
            const cut = shorten(dimensions);
            const { vectors, inputTokens } = await infer(input, signal);
            return { vectors: cut(vectors), inputTokens };
          },
        }
      : {
          async classify({ input }, { signal }) {
            const { vectors, inputTokens } = await infer(input, signal);
            return { results: vectors.map((logits) => rankLabels(labels, logits)), inputTokens };
          },
        }),
    stats: () => ({ ...batcher.figures(), slots: options.maxBatch, queueLimit: options.queueLimit }),
    async unload() {
      await batcher.idle();
      await session.close();
    },
  };
  return engine;
};

/** Tokenizing so many texts takes a few milliseconds; then others get a turn. */
const tokenizedAtOnce = 64;

function tokenize(tokenizer: TextTokenizer, input: TextInput, from: number, to: number): TokenIds[] {
  const inputs = input.kind === 'texts' ? input.texts : input.tokens;
  const param = (index: number) => (inputs.length === 1 ? 'input' : `input[${index}]`);
  return input.kind === 'texts'
    ? input.texts.slice(from, to).map((text, index) => tokenizer.encode(text, param(from + index)))
    : input.tokens.slice(from, to).map((ids, index) => tokenizer.accept(ids, param(from + index)));
}

async function tokenizeMany(
  tokenizer: TextTokenizer,
  input: TextInput,
  count: number,
  signal: AbortSignal,
): Promise<TokenIds[]> {
  const rows: TokenIds[] = [];
  for (let from = 0; from < count && !signal.aborted; from += tokenizedAtOnce) {
    rows.push(...tokenize(tokenizer, input, from, from + tokenizedAtOnce));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rows;
}

/**
 * How vectors are cut to the length that a request wants.
 * @throws ScarmonitError `unsupported` or `invalid_request` when it cannot be had
 */
function createShortener(width: number, matryoshka: boolean) {
  return (dimensions: EmbedRequest['dimensions'] = width) => {
    if (dimensions === width) return (vectors: readonly Float32Array[]) => vectors;
    if (!matryoshka) {
      const message = `The vectors of this model have ${width} dimensions and cannot be shortened. Leave 'dimensions' out.`;
      throw new ScarmonitError('unsupported', message, { param: 'dimensions' });
    }
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > width) {
      const message = `'dimensions' must be a whole number from 1 to ${width} for this model.`;
      throw new ScarmonitError('invalid_request', message, { param: 'dimensions' });
    }
    return (vectors: readonly Float32Array[]) =>
      vectors.map((vector) => {
        const short = vector.slice(0, dimensions);
        scaleToUnit(short, 0, dimensions);
        return short;
      });
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
