import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { parseTar } from 'nanotar';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Pool } from 'undici';
import type { RunningHost } from './run-host.ts';
import { sentence } from './sentences.ts';

/** Texts a second through the host with so many clients, each sending one text at a time. */
export async function textsPerSecond(host: RunningHost, clients: number, seconds: number): Promise<number> {
  const pool = new Pool(host.url, { connections: clients });
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const client = async (offset: number): Promise<void> => {
    for (let turn = offset; performance.now() < end; turn += clients) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/embeddings',
        headers: { authorization: `Bearer ${host.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'use-lite-en', input: sentence(turn), encoding_format: 'base64' }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      done += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, (_, offset) => client(offset)));
  const rate = (done * 1000) / (performance.now() - startedAt);
  await pool.close();
  return rate;
}

/** The ONNX session called directly, without a server: the ceiling. */
export interface DirectSession {
  /** Texts a second in batches of this size, tokenising included. */
  textsPerSecond(batch: number, seconds: number): Promise<number>;
  release(): Promise<void>;
}

/** Opens the artifact as the engine does: one thread, the same graph, the same tokenizer. */
export async function openDirectSession(artifactPath: string): Promise<DirectSession> {
  const entries = new Map(parseTar(await readFile(artifactPath)).map((entry) => [entry.name, entry]));
  const bytes = (name: string): Uint8Array => {
    const data = entries.get(name)?.data;
    if (data === undefined) throw new Error(`The artifact has no ${name}.`);
    return data;
  };
  const tokenizer = new Tokenizer(JSON.parse(new TextDecoder().decode(bytes('tokenizer.json'))), {});
  const session = await InferenceSession.create(bytes('model.onnx'), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    textsPerSecond: async (batch, seconds) => {
      const startedAt = performance.now();
      let done = 0;
      for (let turn = 0; performance.now() - startedAt < seconds * 1000; turn += batch) {
        const ids = Array.from({ length: batch }, (_, index) => tokenizer.encode(sentence(turn + index)).ids);
        const longest = Math.max(...ids.map((row) => row.length));
        const inputIds = new BigInt64Array(batch * longest);
        const mask = new BigInt64Array(batch * longest);
        ids.forEach((row, index) => {
          row.forEach((id: number, position: number) => {
            inputIds[index * longest + position] = BigInt(id);
            mask[index * longest + position] = 1n;
          });
        });
        await session.run(
          {
            input_ids: new Tensor('int64', inputIds, [batch, longest]),
            attention_mask: new Tensor('int64', mask, [batch, longest]),
          },
          ['sentence_embedding'],
        );
        done += batch;
      }
      return (done * 1000) / (performance.now() - startedAt);
    },
    release: () => session.release(),
  };
}
