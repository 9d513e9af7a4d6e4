import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';
import { parseTar } from 'nanotar';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectBytes, sha256Of } from '../../../test/artifacts/test-bytes.ts';
import { writeTinyEncoder } from '../../../test/artifacts/write-tiny-encoder.ts';
import { convertUseLiteEncoder, convertUseLiteSentiment } from './convert-use-lite.ts';

describe('conversion of Universal Sentence Encoder Lite', () => {
  let folder: string;
  let parts: RecipePart[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tiny-encoder-'));
    parts = await writeTinyEncoder(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const unpack = async (artifact: AsyncIterable<Uint8Array>) =>
    new Map(parseTar(await collectBytes(artifact)).map((file) => [file.name, file]));
  const run = async (model: Uint8Array | undefined, rows: readonly (readonly number[])[]) => {
    const session = await InferenceSession.create(model ?? new Uint8Array());
    const width = Math.max(...rows.map((row) => row.length));
    const pad = (values: (row: readonly number[]) => number[]) =>
      new Tensor(
        'int64',
        BigInt64Array.from(rows.flatMap((row) => values(row).concat(Array(width - row.length).fill(0))).map(BigInt)),
        [rows.length, width],
      );
    const results = await session.run({
      input_ids: pad((row) => [...row]),
      attention_mask: pad((row) => row.map(() => 1)),
    });
    const [name = ''] = session.outputNames;
    const data = results[name]?.data as Float32Array;
    await session.release();
    const size = data.length / rows.length;
    return rows.map((_, row) => [...data.subarray(row * size, (row + 1) * size)]);
  };

  it('gives the same bytes each time: a changed digest needs a new recipe name', async () => {
    const digests = [
      sha256Of(await collectBytes(convertUseLiteEncoder(parts))),
      sha256Of(await collectBytes(convertUseLiteSentiment(parts.toReversed()))),
    ];
    expect(digests).toEqual([
      '26ea9106be2ec21580332bf5435ebc02fd4309f388b61ac8aaa2b04f122b6050',
      'd9abe03f58a0ee2281874e04f23147b4551b494da6277b816a9711939b159744',
    ]);
  });

  it('lays out what the onnx runtime reads', async () => {
    const encoder = await unpack(convertUseLiteEncoder(parts));
    expect([...encoder.keys()]).toEqual(['config.json', 'tokenizer.json', 'model.onnx']);
    const common = { maxTokens: 128, pooling: 'none', normalize: false, emptyInput: 'reject' };
    expect(JSON.parse(encoder.get('config.json')?.text ?? '')).toEqual({
      task: 'embedding',
      output: 'sentence_embedding',
      ...common,
    });
    const sentiment = await unpack(convertUseLiteSentiment(parts));
    expect(JSON.parse(sentiment.get('config.json')?.text ?? '')).toEqual({
      task: 'classification',
      output: 'logits',
      labels: ['no', 'yes'],
      ...common,
    });
  });

  it('writes a tokenizer that knows the pieces and the unknown', async () => {
    const files = await unpack(convertUseLiteEncoder(parts));
    const tokenizer = new Tokenizer(JSON.parse(files.get('tokenizer.json')?.text ?? ''), {});
    expect(tokenizer.encode('a good day').ids).toEqual([8, 4, 6]);
    expect(tokenizer.encode('good days!').ids).toEqual([4, 6, 7, 9]);
    expect(tokenizer.encode('bad ?').ids).toEqual([5, 3, 0]);
  });

  it('embeds to unit vectors that do not depend on the rest of the batch', async () => {
    const model = (await unpack(convertUseLiteEncoder(parts))).get('model.onnx')?.data;
    const [short, long] = [
      [4, 6],
      [8, 5, 6, 7, 9],
    ];
    const batch = await run(model, [short ?? [], long ?? []]);
    const alone = [...(await run(model, [short ?? []])), ...(await run(model, [long ?? []]))];
    batch.forEach((vector, row) => {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      for (const [index, value] of vector.entries()) expect(value).toBeCloseTo(alone[row]?.[index] ?? Number.NaN, 5);
    });
    expect(batch[0]).not.toEqual(batch[1]);
  });

  it('scores with softmax(logits) = sigmoid(w · v + b)', async () => {
    const rows = [
      [4, 6],
      [5, 6, 7],
    ];
    const vectors = await run((await unpack(convertUseLiteEncoder(parts))).get('model.onnx')?.data, rows);
    const logits = await run((await unpack(convertUseLiteSentiment(parts))).get('model.onnx')?.data, rows);
    vectors.forEach((vector, row) => {
      const z = vector.reduce((sum, value, index) => sum + value * (index - 8), 0.25);
      expect(logits[row]?.[0]).toBeCloseTo(-z / 2, 4);
      expect(logits[row]?.[1]).toBeCloseTo(z / 2, 4);
    });
  });

  it('names the part that is missing', async () => {
    const without = parts.filter(({ name }) => name !== 'shard2');
    await expect(collectBytes(convertUseLiteEncoder(without))).rejects.toMatchObject({
      kind: 'invalid_request',
      message: expect.stringContaining('"shard2"'),
    });
  });

  it('refuses a head of another size', async () => {
    const path = join(folder, 'short.json');
    await writeFile(path, JSON.stringify({ labels: ['no', 'yes'], bias: 0, weights: [1, 2] }));
    const others = parts.filter(({ name }) => name !== 'head.json');
    await expect(collectBytes(convertUseLiteSentiment([...others, { name: 'head.json', path }]))).rejects.toMatchObject(
      {
        kind: 'invalid_request',
        message: expect.stringContaining('16 numbers'),
      },
    );
  });
});
