// needs: starter-models

import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { starterManifest, startTestHost, type TestHost, testKey } from './start-test-host.ts';

let host: TestHost;
let client: OpenAI;

beforeAll(async () => {
  host = await startTestHost(starterManifest);
  client = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: testKey, maxRetries: 0 });
});
afterAll(() => host.close());

const capital = {
  model: 'tinyllama-chat',
  messages: [{ role: 'user' as const, content: 'What is the capital of France?' }],
  temperature: 0,
  max_tokens: 32,
};

describe('the starter models, by the official OpenAI client', () => {
  it('are listed, and ready', async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids.sort()).toEqual(['sentiment-en', 'tinyllama-chat', 'use-lite-en']);
    expect((await client.models.retrieve('use-lite-en')).object).toBe('model');
    expect((await fetch(`${host.url}/readyz`)).status).toBe(200);
  });

  it('know the capital of France, and count exactly', async () => {
    const answer = await client.chat.completions.create(capital);
    expect(answer.choices[0]?.message.content).toContain('Paris');
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    expect(answer.usage?.completion_tokens).toBeGreaterThan(3);
  });

  it('stream the same text as they answer in one piece', async () => {
    const whole = await client.chat.completions.create(capital);
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    const stream = await client.chat.completions.create({
      ...capital,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  it('work with the .stream() helper', async () => {
    const helper = client.chat.completions.stream({ ...capital, max_tokens: 12 });
    const final = await helper.finalChatCompletion();
    expect(final.choices[0]?.message.content?.length).toBeGreaterThan(0);
  });

  it('repeat a seeded sample and honour max tokens', async () => {
    const sample = () =>
      client.chat.completions
        .create({ ...capital, temperature: 1, seed: 7, max_tokens: 4 })
        .then(({ choices }) => choices[0]);
    const [one, two] = [await sample(), await sample()];
    expect(one?.message.content).toBe(two?.message.content);
    expect(one?.finish_reason).toBe('length');
  });

  it('stop before the stop text', async () => {
    const answer = await client.chat.completions.create({ ...capital, stop: ['France'] });
    expect(answer.choices[0]?.message.content).not.toContain('France');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('fill a JSON schema', async () => {
    const City = z.object({ name: z.enum(['Paris', 'London']), big: z.boolean() });
    const answer = await client.chat.completions.parse({
      ...capital,
      max_tokens: 64,
      response_format: zodResponseFormat(City, 'city'),
    });
    expect(City.parse(answer.choices[0]?.message.parsed)).toHaveProperty('big');
  });

  it('call a tool when they must', async () => {
    const answer = await client.chat.completions.create({
      ...capital,
      max_tokens: 96,
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            parameters: {
              type: 'object',
              properties: { unit: { type: 'string', enum: ['celsius', 'kelvin'] } },
              required: ['unit'],
              additionalProperties: false,
            },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
    const call = answer.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('no function call');
    expect(call.function.name).toBe('weather');
    expect(['celsius', 'kelvin']).toContain(JSON.parse(call.function.arguments).unit);
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('embed alike texts near each other, the same in float and base64', async () => {
    const input = ['a cat sat on the mat', 'a kitten rested on the rug', 'the stock market fell today'];
    const floats = await client.embeddings.create({ model: 'use-lite-en', input, encoding_format: 'float' });
    const packed = await client.embeddings.create({ model: 'use-lite-en', input });
    const [cat, kitten, stocks] = floats.data.map(({ embedding }) => embedding);
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, stocks) + 0.2);
    expect(packed.data[0]?.embedding.length).toBe(512);
    packed.data[0]?.embedding.forEach((value, index) => {
      expect(value).toBeCloseTo(cat?.[index] ?? Number.NaN, 5);
    });
  });

  it('tell good from bad by /api/infer', async () => {
    const response = await fetch(`${host.url}/api/infer?task=classification`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'What a lovely film, I enjoyed every minute!' }),
    });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    expect(JSON.stringify(await response.json())).toMatch(/positive/);
  });

  it('answer by the Responses API, streamed and not', async () => {
    const whole = await client.responses.create({
      model: 'tinyllama-chat',
      input: 'What is the capital of France?',
      temperature: 0,
      max_output_tokens: 32,
    });
    expect(whole.output_text).toContain('Paris');
    let text = '';
    const stream = await client.responses.create({
      model: 'tinyllama-chat',
      input: 'What is the capital of France?',
      temperature: 0,
      max_output_tokens: 32,
      stream: true,
    });
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    expect(text).toBe(whole.output_text);
  });

  it('raise the client’s own error classes', async () => {
    const wrongKey = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(wrongKey.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(client.models.retrieve('nope')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.chat.completions.create({ ...capital, temperature: 9 })).rejects.toMatchObject({
      status: 400,
      param: 'temperature',
    });
    await expect(
      client.chat.completions.create({ ...capital, messages: [{ role: 'user', content: 'word '.repeat(6000) }] }),
    ).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
    await expect(
      client.chat.completions.create(capital, { headers: { 'X-Model-Version': '9.9.9' } }),
    ).rejects.toMatchObject({ status: 404, code: 'version_not_found' });
  });
});

describe('the engines', () => {
  it('go on for one client when another leaves in the middle', async () => {
    const ask = (content: string, signal?: AbortSignal) =>
      client.chat.completions.create(
        { ...capital, messages: [{ role: 'user', content }], max_tokens: 48, stream: true },
        signal === undefined ? {} : { signal },
      );
    const alone = await collect(await ask('Count from one to twenty.'));
    const leave = new AbortController();
    const [leaver, stayer] = await Promise.all([
      ask('Tell me a long story.', leave.signal),
      ask('Count from one to twenty.'),
    ]);
    const left = (async () => {
      let seen = 0;
      try {
        for await (const chunk of leaver) if (chunk.choices[0]?.delta.content && ++seen === 3) leave.abort();
      } catch (error) {
        if (!(error instanceof OpenAI.APIUserAbortError)) throw error;
      }
    })();
    expect(await collect(stayer)).toBe(alone);
    await left;
    await expect.poll(() => running('tinyllama-chat')).toBe(0);
  });

  it('come back after kill -9, while other models answer', async () => {
    const pid = await processOf('tinyllama-chat');
    const stream = await client.chat.completions.create({ ...capital, max_tokens: 256, stream: true });
    const failed = collect(stream).catch((error: unknown) => error);
    const whole = client.chat.completions.create({ ...capital, max_tokens: 256 }).catch((error: unknown) => error);
    await expect.poll(() => running('tinyllama-chat')).toBe(2);
    process.kill(pid, 'SIGKILL');
    expect(await failed).toBeInstanceOf(OpenAI.APIError);
    expect(await whole).toMatchObject({ status: 503, message: expect.stringContaining('was killed') });
    const vectors = await client.embeddings.create({ model: 'use-lite-en', input: 'still here' });
    expect(vectors.data).toHaveLength(1);
    await expect.poll(() => fetch(`${host.url}/readyz`).then(({ status }) => status), { timeout: 30_000 }).toBe(200);
    expect((await client.chat.completions.create(capital)).choices[0]?.message.content).toContain('Paris');
    expect(await processOf('tinyllama-chat')).not.toBe(pid);
  });

  it('share batches between requests that come together', async () => {
    await Promise.all(
      Array.from({ length: 48 }, (_, index) =>
        client.embeddings.create({ model: 'use-lite-en', input: `sentence number ${index} of many` }),
      ),
    );
    const { batchSizes } = await statsOf('use-lite-en');
    expect(Math.max(...Object.keys(batchSizes).map(Number))).toBeGreaterThan(4);
  });
});

interface Stats {
  readonly running: number;
  readonly processId: number;
  readonly batchSizes: Readonly<Record<string, number>>;
}

async function statsOf(model: string): Promise<Stats> {
  const info = (await host.admin(`/models/${model}`)) as { versions: { stats: Stats }[] };
  const stats = info.versions[0]?.stats;
  if (stats === undefined) throw new Error(`no figures of ${model}`);
  return stats;
}
const running = async (model: string) => (await statsOf(model)).running;
const processOf = async (model: string) => (await statsOf(model)).processId;

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

function dot(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
