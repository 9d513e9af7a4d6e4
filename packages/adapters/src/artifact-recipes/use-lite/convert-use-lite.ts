import { readFile } from 'node:fs/promises';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { findPart } from '../find-part.ts';
import { type Chunks, chunksLength } from '../onnx/encode-protobuf.ts';
import { OnnxGraph } from '../onnx/onnx-graph.ts';
import { type TarEntry, writeTar } from '../write-tar.ts';
import { buildEncoder } from './build-encoder.ts';
import { buildTokenizer, type UnigramVocabulary } from './build-tokenizer.ts';
import { addLinearHead, parseLinearHead } from './linear-head.ts';
import { type TfjsManifest, TfjsWeights } from './tfjs-weights.ts';

/** Positions that the encoder was trained on; what follows is cut off. */
const MAX_TOKENS = 128;

/**
 * `use-lite-to-onnx`: Universal Sentence Encoder Lite from its TensorFlow.js files (`model.json`, its shards and
 * `vocab.json`) to a tar that the onnx runtime serves as an embedding model: `model.onnx`, `tokenizer.json`, `config.json`.
 */
export async function* convertUseLiteEncoder(parts: readonly RecipePart[]): AsyncIterable<Uint8Array> {
  const graph = new OnnxGraph();
  const { output, length } = buildEncoder(graph, await readWeights(parts));
  yield* writeTar(await layOutArtifact(parts, encodeModel(graph, output, length), { task: 'embedding', output }));
}

/**
 * `use-lite-sentiment-to-onnx`: the same files and `head.json` (see models/sentiment-en) to a classification model whose
 * output is the logits of the head.
 */
export async function* convertUseLiteSentiment(parts: readonly RecipePart[]): AsyncIterable<Uint8Array> {
  const graph = new OnnxGraph();
  const encoder = buildEncoder(graph, await readWeights(parts));
  const head = parseLinearHead(await readFile(findPart(parts, 'head.json').path, 'utf8'), encoder.length);
  const output = addLinearHead(graph, encoder.output, head);
  yield* writeTar(
    await layOutArtifact(parts, encodeModel(graph, output, head.labels.length), {
      task: 'classification',
      output,
      labels: head.labels,
    }),
  );
}

async function readWeights(parts: readonly RecipePart[]): Promise<TfjsWeights> {
  const manifest = await readJson<TfjsManifest>(parts, 'model.json');
  const paths = manifest.weightsManifest.flatMap((group) => group.paths);
  const shards = new Map<string, Uint8Array>();
  for (const path of paths) {
    shards.set(path, await readFile(findPart(parts, path).path));
  }
  return new TfjsWeights(manifest, (path) => shards.get(path) ?? new Uint8Array());
}

function encodeModel(graph: OnnxGraph, output: string, width: number): Chunks {
  return graph.encode(
    'universal_sentence_encoder_lite',
    [
      { name: 'input_ids', type: 'int64', shape: ['batch', 'seq'] },
      { name: 'attention_mask', type: 'int64', shape: ['batch', 'seq'] },
    ],
    [{ name: output, type: 'float32', shape: ['batch', width] }],
  );
}

async function layOutArtifact(
  parts: readonly RecipePart[],
  model: Chunks,
  served: { readonly task: string; readonly output: string; readonly labels?: readonly string[] },
): Promise<readonly TarEntry[]> {
  const vocabulary = await readJson<UnigramVocabulary>(parts, 'vocab.json');
  // An empty text gives NaN: there is nothing to take the mean of.
  const config = { ...served, maxTokens: MAX_TOKENS, pooling: 'none', normalize: false, emptyInput: 'reject' };
  return [
    textEntry('config.json', JSON.stringify(config)),
    textEntry('tokenizer.json', buildTokenizer(vocabulary)),
    { name: 'model.onnx', size: chunksLength(model), content: model },
  ];
}

function textEntry(name: string, text: string): TarEntry {
  const bytes = new TextEncoder().encode(text);
  return { name, size: bytes.byteLength, content: [bytes] };
}

async function readJson<Content>(parts: readonly RecipePart[], name: string): Promise<Content> {
  return JSON.parse(await readFile(findPart(parts, name).path, 'utf8')) as Content;
}
