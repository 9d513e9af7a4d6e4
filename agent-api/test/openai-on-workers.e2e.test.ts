import OpenAI, { APIError, APIUserAbortError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorkerHost, type WorkerHost, workerTestKey } from './start-worker-host.ts';

const model = 'llama-3-8b-instruct';
const messages = [{ role: 'user' as const, content: 'Hello there' }];

/** A second model, which does not wait for long, and a third, which does not wait in the platform's queue. */
const manifest = `apiVersion: scarmonit/v1
models:
  ${model}:
    task: chat
    stable: 1.0.0
    versions: { 1.0.0: { runtime: workers-ai, model: "@cf/meta/llama-3-8b-instruct" } }
  hasty:
    task: chat
    stable: 1.0.0
    versions: { 1.0.0: { runtime: workers-ai, model: "@cf/meta/llama-3-8b-instruct", timeoutMs: 1500 } }
  eager:
    task: chat
    stable: 1.0.0
    versions: { 1.0.0: { runtime: workers-ai, model: "@cf/meta/llama-3-8b-instruct", options: { rejectIfBusy: true } } }
  bge-base-en-v1.5:
    task: embedding
    stable: 1.0.0
    versions: { 1.0.0: { runtime: workers-ai, model: "@cf/baai/bge-base-en-v1.5" } }
  distilbert-sst-2-int8:
    task: classification
    stable: 1.0.0
    versions: { 1.0.0: { runtime: workers-ai, model: "@cf/huggingface/distilbert-sst-2-int8" } }
`;

describe('the official openai client and `npm run dev`', () => {
  let worker: WorkerHost;
  let emulator: string;
  let client: OpenAI;
  beforeAll(async () => {
    worker = await startWorkerHost();
    emulator = /Workers AI is the emulator at (\S+)/.exec(worker.output())?.[1] ?? '';
    client = new OpenAI({ apiKey: workerTestKey, baseURL: `${worker.url}/v1`, maxRetries: 0 });
    const headers = { authorization: `Bearer ${workerTestKey}` };
    const applied = await fetch(`${worker.url}/api/admin/manifest`, { method: 'PUT', headers, body: manifest });
    expect(applied.status).toBe(200);
  });
  afterAll(() => worker?.close());
  beforeEach(async () => {
    await fetch(`${emulator}/emulator/behaviour`, { method: 'DELETE' });
    await fetch(`${emulator}/emulator/requests`, { method: 'DELETE' });
  });

  const misbehave = (behaviour: string): Promise<Response> =>
    fetch(`${emulator}/emulator/behaviour`, { method: 'POST', body: JSON.stringify({ behaviour }) });

  const asked = async (): Promise<readonly { readonly state: string }[]> => {
    const answer = await fetch(`${emulator}/emulator/requests`);
    return ((await answer.json()) as { requests: { state: string }[] }).requests;
  };

  const stream = async (options: object = {}): Promise<string> => {
    let text = '';
    const chunks = await client.chat.completions.create({ model, messages, stream: true, ...options });
    for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  };

  it('chat', async () => {
    const { choices, usage } = await client.chat.completions.create({ model, messages });
    expect(choices[0]?.message.content).toBe('You said: Hello there');
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4 });
  });

  it('stream', async () => {
    expect(await stream()).toBe('You said: Hello there');
  });

  it('embed', async () => {
    const { data } = await client.embeddings.create({ model: 'bge-base-en-v1.5', input: ['one', 'two'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([768, 768]);
  });

  it('classify by /api/infer', async () => {
    const answer = await fetch(`${worker.url}/api/infer?task=classification`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workerTestKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'What a great day' }),
    });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(await answer.json())).toContain('POSITIVE');
  });

  it('stop the work at Workers AI when they leave in the middle of a stream', async () => {
    await misbehave('slow:100');
    const leaving = new AbortController();
    const chunks = await client.chat.completions.create({ model, messages, stream: true }, { signal: leaving.signal });
    const read = async () => {
      for await (const _ of chunks) leaving.abort();
    };
    await read().catch((error: unknown) => expect(error).toBeInstanceOf(APIUserAbortError));
    await expect.poll(async () => (await asked()).map(({ state }) => state)).toEqual(['aborted']);
  });

  it('wait in the queue of Workers AI when it is busy and nothing else is asked for', async () => {
    await misbehave('busy');
    expect(await stream()).toBe('You said: Hello there');
  });

  it.each<[behaviour: string, whole: Failure, streamed?: Failure]>([
    ['error:3003', [400, 'invalid_request_error', null]],
    ['error:3006', [413, 'invalid_request_error', 'payload_too_large']],
    ['error:3007', [504, 'server_error', 'upstream_timeout']],
    ['error:3008', [504, 'server_error', 'upstream_timeout']],
    ['error:3023', [403, 'invalid_request_error', 'upstream_account_blocked']],
    ['error:3036', [429, 'requests', 'insufficient_quota']],
    ['error:3039', [400, 'invalid_request_error', 'upstream_model_incomplete']],
    ['error:3040', [429, 'requests', 'rate_limit_exceeded']],
    ['error:3041', [403, 'invalid_request_error', 'upstream_model_not_allowed']],
    ['error:3042', [404, 'invalid_request_error', 'upstream_model_not_found']],
    ['error:5004', [400, 'invalid_request_error', null]],
    ['error:5005', [400, 'invalid_request_error', 'upstream_lora_unsupported']],
    ['error:5006', [400, 'invalid_request_error', null]],
    ['error:5007', [400, 'invalid_request_error', 'upstream_model_not_found']],
    ['error:5016', [403, 'invalid_request_error', 'upstream_terms_not_accepted']],
    ['error:5018', [403, 'invalid_request_error', 'upstream_model_not_allowed']],
    ['error:5019', [400, 'invalid_request_error', 'upstream_sdk_deprecated']],
    ['success-false', [400, 'invalid_request_error', null]],
    // From here on a stream has begun when it goes wrong, so the error comes in its midst.
    ['truncate', [503, 'server_error', 'upstream_broke_off'], [undefined, 'server_error', 'upstream_broke_off']],
    ['break', [503, 'server_error', 'upstream_broke_off'], [undefined, 'server_error', 'upstream_broke_off']],
    [
      'malformed',
      [502, 'server_error', 'upstream_malformed_answer'],
      [undefined, 'server_error', 'upstream_malformed_answer'],
    ],
    ['busy', [429, 'requests', 'rate_limit_exceeded']],
    ['slow:5000', [504, 'server_error', 'timeout']],
    ['hang', [504, 'server_error', 'timeout']],
    ['stall', [504, 'server_error', 'timeout'], [undefined, 'server_error', 'timeout']],
  ])('get OpenAI’s error when Workers AI misbehaves: %s', async (behaviour, whole, streamed = whole) => {
    await misbehave(behaviour);
    const asked = { model: askedOf[behaviour] ?? model };
    const failures = [client.chat.completions.create({ messages, ...asked }), stream(asked)].map((answer) =>
      answer.then(() => undefined, toFailure),
    );
    expect(await Promise.all(failures)).toEqual([whole, streamed]);
  });
});

/** Where the model is another one. */
const askedOf: Readonly<Record<string, string>> = {
  'slow:5000': 'hasty',
  hang: 'hasty',
  stall: 'hasty',
  busy: 'eager',
};

/** What a client sees of an error. A stream that has begun has no other status. */
type Failure = readonly [status: number | undefined, type: string, code: string | null];

function toFailure(error: unknown): Failure {
  if (!(error instanceof APIError)) throw error;
  return [error.status, error.type ?? '', error.code ?? null];
}
