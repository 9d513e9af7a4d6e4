import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { makeBytes } from './test-bytes.ts';

const EMBEDDING = 8;
const HIDDEN = 16;
const FEED_FORWARD = 24;
const SHARD_BYTES = 10_000;

const pieces = ['�', '<s>', '</s>', '▁', '▁good', '▁bad', '▁day', 's', '▁a', '!'] as const;

/** The TensorFlow.js files of Universal Sentence Encoder Lite, a hundredth of its size, with made-up weights. */
export async function writeTinyEncoder(folder: string): Promise<RecipePart[]> {
  const weights = listWeights().map(([name, shape]) => ({ name, shape, dtype: 'float32' }));
  const bytes = Buffer.concat(weights.map(({ shape }, index) => makeWeights(shape, index + 1)));
  const shards = new Map<string, Uint8Array>();
  for (let start = 0; start < bytes.byteLength; start += SHARD_BYTES) {
    shards.set(`shard${shards.size + 1}`, bytes.subarray(start, start + SHARD_BYTES));
  }
  const files = new Map<string, Uint8Array | string>([
    ['model.json', JSON.stringify({ weightsManifest: [{ paths: [...shards.keys()], weights }] })],
    ['vocab.json', JSON.stringify(pieces.map((piece, index) => [piece, index < 3 ? 0 : -index]))],
    [
      'head.json',
      JSON.stringify({
        labels: ['no', 'yes'],
        bias: 0.25,
        weights: Array.from({ length: HIDDEN }, (_, index) => index - 8),
      }),
    ],
    ...shards,
  ]);
  await mkdir(folder, { recursive: true });
  const parts: RecipePart[] = [];
  for (const [name, content] of files) {
    const path = join(folder, name);
    await writeFile(path, content);
    parts.push({ name, path });
  }
  return parts;
}

function listWeights(): [name: string, shape: number[]][] {
  const top = 'module_apply_default/Encoder_en/KonaTransformer/Encode';
  const layers = [0, 1].flatMap((layer): [string, number[]][] => {
    const size = layer === 0 ? EMBEDDING : HIDDEN;
    const own = `${top}/Layer_${layer}/TransformerLayer`;
    const stacked = `${top}/TransformerStack/Layer_${layer}/TransformerLayer`;
    return [
      [`${own}/layer_prepostprocess/layer_norm/layer_norm_scale/concat`, [size]],
      [`${own}/layer_prepostprocess/layer_norm/layer_norm_bias/concat`, [size]],
      [`${own}/MultiheadAttention/qkv_transform_single/kernel/part_0`, [1, 1, size, 3 * size]],
      [`${own}/MultiheadAttention/qkv_transform_single/bias/concat`, [3 * size]],
      [`${own}/MultiheadAttention/output_transform_single/kernel/part_0`, [1, 1, size, HIDDEN]],
      [`${own}/MultiheadAttention/output_transform_single/bias/concat`, [HIDDEN]],
      [`${own}/FFN/layer_prepostprocess/layer_norm/layer_norm_scale/concat`, [HIDDEN]],
      [`${own}/FFN/layer_prepostprocess/layer_norm/layer_norm_bias/concat`, [HIDDEN]],
      [`${stacked}/FFN/conv1/Tensordot/Reshape_1`, [HIDDEN, FEED_FORWARD]],
      [`${own}/FFN/conv1/bias/concat`, [FEED_FORWARD]],
      [`${stacked}/FFN/conv2/Tensordot/Reshape_1`, [FEED_FORWARD, HIDDEN]],
      [`${own}/FFN/conv2/bias/concat`, [HIDDEN]],
    ];
  });
  return [
    ...layers,
    ['module/Embeddings_en', [pieces.length, EMBEDDING]],
    [`${top}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`, [1, EMBEDDING / 2]],
    [`${top}/Layer_0/TransformerLayer/dense/kernel/concat`, [EMBEDDING, HIDDEN]],
    [`${top}/Layer_0/TransformerLayer/dense/bias/concat`, [HIDDEN]],
    ['module/Encoder_en/hidden_layers/tanh_layer_0/weights', [HIDDEN, HIDDEN]],
    ['module/Encoder_en/hidden_layers/tanh_layer_0/bias', [HIDDEN]],
  ];
}

/** Multiples of 1/128 between -1 and 1, which float32 holds exactly. */
function makeWeights(shape: readonly number[], seed: number): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const view = new DataView(new ArrayBuffer(count * 4));
  makeBytes(count, seed).forEach((byte, index) => {
    view.setFloat32(index * 4, (byte - 128) / 128, true);
  });
  return new Uint8Array(view.buffer);
}
