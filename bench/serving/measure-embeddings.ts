import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { parseTar } from 'nanotar';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Pool } from 'undici';
import { median } from '../gateway/samples.ts';
import type { RunningHost } from './run-host.ts';
import { sentence } from './sentences.ts';

type HostAddress = Pick<RunningHost, 'url' | 'key'>;

/** Texts a second that so many clients get out of the host, each sending one text at a time. */
export async function embedThroughHost(host: HostAddress, clients: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  await sendTexts(host, clients, () => {
    done += 1;
    return performance.now() < startedAt + seconds * 1000;
  });
  return (done * 1000) / (performance.now() - startedAt);
}

/**
 * So many clients, each sending one text at a time on a connection of its own.
 * @param goOn is asked after each answer; a client stops when it says no
 */
export async function sendTexts(host: HostAddress, clients: number, goOn: () => boolean): Promise<void> {
  const pool = new Pool(host.url, { connections: clients });
  const client = async (first: number): Promise<void> => {
    for (let turn = first, goesOn = true; goesOn; turn += clients) {
      await sendText(pool, host.key, turn);
      goesOn = goOn();
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, first) => client(first)));
  await pool.close();
}

async function sendText(pool: Pool, key: string, turn: number): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/v1/embeddings',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'use-lite-en', input: sentence(turn), encoding_format: 'base64' }),
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
}

/** Median milliseconds of embedding one text while nobody else asks. */
export interface SingleTimes {
  readonly directMs: number;
  readonly servedMs: number;
}

/** Embeds the same texts directly and through the host, taking turns text by text: what else the machine does meets both. */
export async function timeSingles(session: DirectSession, host: HostAddress, count: number): Promise<SingleTimes> {
  const pool = new Pool(host.url, { connections: 1 });
  const direct: number[] = [];
  const served: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const startedAt = performance.now();
    await session.embed(turn, 1);
    const between = performance.now();
    await sendText(pool, host.key, turn);
    direct.push(between - startedAt);
    served.push(performance.now() - between);
  }
  await pool.close();
  return { directMs: median(direct), servedMs: median(served) };
}

/** Texts a second in batches of this size one after the other: what so many callers get who always ask together. */
export async function embedDirectly(session: DirectSession, batch: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  for (; performance.now() < startedAt + seconds * 1000; done += batch) await session.embed(done, batch);
  return (done * 1000) / (performance.now() - startedAt);
}

/** The ONNX session called directly, without a server: the ceiling. */
export interface DirectSession {
  /** Embeds the sentences from number `first` on as one batch, tokenising included. */
  embed(first: number, batch: number): Promise<void>;
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
    embed: async (first, batch) => {
      const ids = Array.from({ length: batch }, (_, index) => tokenizer.encode(sentence(first + index)).ids);
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
    },
    release: () => session.release(),
  };
}
