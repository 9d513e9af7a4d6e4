import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { parseTar } from 'nanotar';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const BATCH = 32;

/** Vectors of the sentences, in order, by the model in an artifact of the recipe `use-lite-to-onnx`. */
export async function embedSentences(artifactPath: string, sentences: readonly string[]): Promise<Float64Array[]> {
  const files = new Map(parseTar(await readFile(artifactPath)).map((file) => [file.name, file]));
  const config = JSON.parse(files.get('config.json')?.text ?? '{}') as { output: string; maxTokens: number };
  const tokenizer = new Tokenizer(JSON.parse(files.get('tokenizer.json')?.text ?? '{}'), {});
  const model = files.get('model.onnx')?.data;
  if (model === undefined) {
    throw new Error(`${artifactPath} has no model.onnx`);
  }
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const vectors: Float64Array[] = [];
  for (let start = 0; start < sentences.length; start += BATCH) {
    const batch = sentences.slice(start, start + BATCH);
    const tokens: number[][] = batch.map((text) => tokenizer.encode(text).ids.slice(0, config.maxTokens));
    const width = Math.max(...tokens.map((ids) => ids.length));
    const inputIds = new BigInt64Array(tokens.length * width);
    const attentionMask = new BigInt64Array(tokens.length * width);
    tokens.forEach((ids, row) => {
      ids.forEach((id, column) => {
        inputIds[row * width + column] = BigInt(id);
        attentionMask[row * width + column] = 1n;
      });
    });
    const shape = [tokens.length, width];
    const results = await session.run({
      input_ids: new Tensor('int64', inputIds, shape),
      attention_mask: new Tensor('int64', attentionMask, shape),
    });
    const output = results[config.output];
    const values = output?.data;
    if (!(values instanceof Float32Array)) {
      throw new Error(`the model has no float32 output "${config.output}"`);
    }
    const size = values.length / tokens.length;
    tokens.forEach((_, row) => {
      vectors.push(Float64Array.from(values.subarray(row * size, (row + 1) * size)));
    });
  }
  await session.release();
  return vectors;
}
