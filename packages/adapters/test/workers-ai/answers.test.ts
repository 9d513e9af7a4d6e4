import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInAnswers } from '../../../../agent-api/workers-ai-emulator/answers/built-in-answers.ts';
import { carriers, chat, collect, generate, textOf, trace, WorkersAi } from './open-workers-ai.ts';

let platform: WorkersAi;
beforeAll(async () => {
  platform = await WorkersAi.start();
});
afterAll(() => platform.close());

const context = { signal: new AbortController().signal };
const last = () => platform.emulator.requests.at(-1);
const weather = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe.each(carriers)('Workers AI by %s', (carrier) => {
  it.each(['@cf/meta/llama-3-8b-instruct', '@cf/google/gemma-4-26b-a4b-it'])(
    'streams a chat with its usage, in the format of %s',
    async (model) => {
      const { spec } = await platform.open(carrier);
      const { version } = await platform.open(carrier, { target: { ...spec.target, model } });
      const events = await collect(generate(version, chat('Grüße, 世界!', { temperature: 0, topP: 0.5, seed: 0 })));
      expect(events[0]).toEqual({ type: 'start' });
      expect(textOf(events)).toBe('You said: Grüße, 世界!');
      expect(events.filter(({ type }) => type === 'text')).toHaveLength(4);
      expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop', usage: { inputTokens: 2, outputTokens: 4 } });
      expect(last()).toMatchObject({
        model,
        inputs: { max_tokens: 64, temperature: 0, top_p: 0.5, seed: 1, stream: true },
        state: 'answered',
      });
    },
  );

  it.each(['@cf/meta/llama-3-8b-instruct', '@cf/google/gemma-4-26b-a4b-it'])(
    'calls a tool, in the format of %s',
    async (model) => {
      const { spec } = await platform.open(carrier);
      const { version } = await platform.open(carrier, { target: { ...spec.target, model } });
      const events = await collect(generate(version, chat('Paris', { tools: [weather] })));
      const pieces = events.filter((event) => event.type === 'tool-call');
      expect(pieces[0]).toMatchObject({ index: 0, id: expect.stringMatching(/^call_/), name: 'get_weather' });
      expect(pieces.every(({ index }) => index === 0)).toBe(true);
      expect(JSON.parse(pieces.map(({ argumentsDelta }) => argumentsDelta).join(''))).toEqual({ city: 'Paris' });
      expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool_calls' });
    },
  );

  it.each(['@cf/meta/llama-3-8b-instruct', '@cf/google/gemma-4-26b-a4b-it'])(
    'says that an answer was cut, by the client’s limit or the platform’s own, in the format of %s',
    async (model) => {
      const { spec } = await platform.open(carrier);
      const { version } = await platform.open(carrier, { target: { ...spec.target, model } });
      const long = 'one two three four';
      const cut = await collect(generate(version, chat(long, { maxTokens: 3 })));
      expect([textOf(cut), cut.at(-1)]).toMatchObject(['You said: one ', { type: 'finish', reason: 'length' }]);
      const whole = await collect(generate(version, chat(long, { maxTokens: 7 })));
      expect(whole.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', usage: { outputTokens: 6 } });

      const short = await WorkersAi.start({
        ...builtInAnswers,
        chat: (inputs, signal) => builtInAnswers.chat({ ...inputs, maxTokens: 2 }, signal),
      });
      const limited = await short.open(carrier, { target: { model } });
      const events = await collect(generate(limited.version, chat(long)));
      expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length', usage: { inputTokens: 4, outputTokens: 2 } });
      await short.close();
    },
  );

  it('answers as JSON without a stream, since JSON mode has none', async () => {
    const { version } = await platform.open(carrier);
    const format = { type: 'json_schema', schema: weather.parameters } as const;
    const events = await collect(generate(version, chat('Paris', { format })));
    expect(JSON.parse(textOf(events))).toEqual({ city: 'Paris' });
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    expect(last()?.inputs).toMatchObject({
      stream: false,
      response_format: { type: 'json_schema', json_schema: weather.parameters },
    });
  });

  it('goes on with a text, and stops before a stop sequence', async () => {
    const { version } = await platform.open(carrier);
    const request = chat('', { input: { kind: 'text', text: 'one two three' }, stop: ['o th'] });
    const events = await collect(generate(version, request));
    expect(textOf(events)).toBe('You said: one tw');
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    expect(last()?.inputs).toMatchObject({ prompt: 'one two three', raw: true });
  });

  it('embeds more texts than one call takes, in their order', async () => {
    const { version } = await platform.open(carrier, { task: 'embedding', options: { pooling: 'cls' } });
    const texts = Array.from({ length: 250 }, (_, at) => `text ${at}`);
    const before = platform.emulator.requests.length;
    const all = await version.embed?.({ input: { kind: 'texts', texts } }, context);
    const asked = platform.emulator.requests.slice(before).map(({ inputs }) => inputs as { text: []; pooling: string });
    expect(asked.map(({ text }) => text.length).sort()).toEqual([100, 100, 50]);
    expect(asked.every(({ pooling }) => pooling === 'cls')).toBe(true);
    const [alone] = (await version.embed?.({ input: { kind: 'texts', texts: ['text 137'] } }, context))?.vectors ?? [];
    expect(all?.vectors).toHaveLength(250);
    expect(all?.vectors[137]).toEqual(alone);
    expect(alone).toHaveLength(768);
  });

  it('classifies, the likeliest first', async () => {
    const { version } = await platform.open(carrier, { task: 'classification' });
    const texts = ['I love it', 'a terrible, awful day'];
    const { results } = (await version.classify?.({ input: { kind: 'texts', texts } }, context)) ?? {};
    expect(results?.map((ranked) => ranked.map(({ label }) => label))).toEqual([
      ['POSITIVE', 'NEGATIVE'],
      ['NEGATIVE', 'POSITIVE'],
    ]);
  });

  it('refuses what the platform does not do, by its name', async () => {
    const { version } = await platform.open(carrier);
    await expect(collect(generate(version, chat('Hi', { topLogprobs: 1 })))).rejects.toMatchObject({
      kind: 'unsupported',
      param: 'logprobs',
    });
    const vectors = await platform.open(carrier, { task: 'embedding' });
    const embed = (request: Parameters<NonNullable<typeof version.embed>>[0]) =>
      vectors.version.embed?.(request, context);
    await expect(embed({ input: { kind: 'texts', texts: ['a', ''] } })).rejects.toMatchObject({ param: 'input[1]' });
    await expect(embed({ input: { kind: 'tokens', tokens: [[1]] } })).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(embed({ input: { kind: 'texts', texts: ['a'] }, dimensions: 2 })).rejects.toMatchObject({
      param: 'dimensions',
    });
  });

  // A binding has no headers.
  const itByRest = carrier === 'REST' ? it : undefined;
  itByRest?.('sends the request’s id and trace on', async () => {
    const headers = { 'x-request-id': 'req_1', ...trace };
    const { version } = await platform.open(carrier);
    await collect(generate(version, chat('Hi')));
    expect(last()?.headers).toMatchObject(headers);
    const from = { ...context, requestId: 'req_1', trace };
    const input = { kind: 'texts', texts: ['Hi'] } as const;
    await (await platform.open(carrier, { task: 'embedding' })).version.embed?.({ input }, from);
    expect(last()?.headers).toMatchObject(headers);
    await (await platform.open(carrier, { task: 'classification' })).version.classify?.({ input }, from);
    expect(last()?.headers).toMatchObject(headers);
  });

  it('goes through the gateway that it is told', async () => {
    const gateway = { id: 'my-gateway', skipCache: true, cacheTtl: 60 };
    const { version } = await platform.open(carrier, { options: { gateway } });
    await collect(generate(version, chat('Hi')));
    if (carrier === 'binding') expect(last()?.options).toEqual({ gateway });
    else {
      expect(last()?.headers).toMatchObject({
        'cf-aig-gateway-id': 'my-gateway',
        'cf-aig-skip-cache': 'true',
        'cf-aig-cache-ttl': '60',
        'x-request-id': 'req_1',
      });
    }
  });
});
