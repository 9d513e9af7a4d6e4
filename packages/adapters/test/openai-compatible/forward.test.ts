import { afterEach, describe, expect, it } from 'vitest';
import {
  answer,
  begin,
  completion,
  delta,
  done,
  event,
  stream,
  usageEvent,
  write,
} from '../fixtures/misbehaving-upstream.ts';
import { chunksOf, Opened, openGateway, readContent, textOf, upstreamKey } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

const streamed = { body: { stream: true } };
const withUsage = { body: { stream: true, stream_options: { include_usage: true } } };

describe('forwarding a request', () => {
  it('sends the body as it came, with the upstream’s model and key, and nothing of the client’s', async () => {
    const upstream = await opened.upstream(answer(200, completion('Hello')));
    const { forward } = await opened.gateway([upstream]);
    const wire = await forward({ body: { top_k: 5, unknown_field: { deep: [1, null] } } });

    const [call] = upstream.calls;
    expect(call?.path).toBe('/v1/chat/completions');
    expect(call?.body).toEqual({
      model: 'mock-1',
      messages: [{ role: 'user', content: 'Hi' }],
      top_k: 5,
      unknown_field: { deep: [1, null] },
    });
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = call?.headers ?? {};
    expect(headers).toEqual({
      authorization: `Bearer ${upstreamKey}`,
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
    });
    expect(JSON.parse(textOf(wire))).toEqual(completion('Hello', { model: 'support-chat' }));
    expect(wire).toMatchObject({ usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it('sends the request id on, where there is one', async () => {
    const upstream = await opened.upstream(answer(200, completion('Hello')));
    const { version } = await opened.gateway([upstream]);
    const signal = new AbortController().signal;
    await version.forward?.(
      { endpoint: 'completions', publicModel: 'x', body: { prompt: 'a' } },
      { signal, requestId: 'req_1' },
    );
    expect(upstream.calls[0]).toMatchObject({ path: '/v1/completions', headers: { 'x-request-id': 'req_1' } });
  });

  it('asks for usage in every stream, and hides it from clients that did not', async () => {
    const upstream = await opened.upstream(stream(delta('Hel'), delta('lo', 'stop'), usageEvent(), done));
    const { forward } = await opened.gateway([upstream]);
    const chunks = await Array.fromAsync(chunksOf(await forward(streamed)));
    expect(upstream.calls[0]?.body.stream_options).toEqual({ include_usage: true });
    expect(chunks).toHaveLength(3);
    expect(chunks[2]).toEqual({ text: undefined, usage: { inputTokens: 3, outputTokens: 2 } });
    for (const { text } of chunks.slice(0, 2)) {
      expect(JSON.parse(text ?? '')).toMatchObject({ model: 'support-chat', id: 'chatcmpl-1' });
      expect(text).not.toContain('usage');
    }
  });

  it('shows usage to clients that asked', async () => {
    const upstream = await opened.upstream(stream(delta('Hi', 'stop'), usageEvent(), done));
    const { forward } = await opened.gateway([upstream]);
    const [first, last] = await Array.fromAsync(chunksOf(await forward(withUsage)));
    expect(JSON.parse(first?.text ?? '')).toMatchObject({ usage: null });
    expect(JSON.parse(last?.text ?? '')).toMatchObject({ model: 'support-chat', usage: { total_tokens: 5 } });
  });

  it('keeps a connection for the next request, after streams too', async () => {
    const upstream = await opened.upstream(stream(delta('a', 'stop'), done));
    const { forward } = await opened.gateway([upstream]);
    for (let turn = 0; turn < 5; turn++) expect(await readContent(await forward(streamed))).toBe('a');
    // The end of a body may come a packet after `[DONE]`; the next request then does not wait for it.
    expect(upstream.connections).toBeLessThanOrEqual(2);
  });

  it('hands events on as they come, with CRLF and with characters cut byte by byte', async () => {
    const upstream = await opened.upstream(async ({ response }) => {
      const bytes = Buffer.from(delta('é😀').replaceAll('\n', '\r\n'));
      begin(response);
      for (const byte of bytes) {
        response.write(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      // What follows never comes: the event must be there without it.
    });
    const { forward } = await opened.gateway([upstream]);
    const chunks = chunksOf(await forward(streamed))[Symbol.asyncIterator]();
    const { value } = await chunks.next();
    expect(JSON.parse(value?.text ?? '').choices[0].delta.content).toBe('é😀');
    await chunks.return?.();
  });

  it('takes a stream for complete that ends properly after its finish, without [DONE]', async () => {
    const upstream = await opened.upstream(stream(': hello\n\n', delta('all', 'stop'), usageEvent()));
    const { forward } = await opened.gateway([upstream]);
    expect(await readContent(await forward(streamed))).toBe('all');
  });

  it('takes turns between targets by weight, and by load where it is told to', async () => {
    const [first, second] = [await opened.upstream(answer(200, completion('1'))), await opened.upstream(write())];
    const busy = await opened.gateway([second, first], { balance: 'least-busy' });
    const waiting = new AbortController();
    const pending = busy.forward({}, waiting.signal).catch(() => undefined);
    await expect.poll(() => second.calls.length).toBe(1);
    for (let turn = 0; turn < 3; turn++) await busy.forward();
    expect([first.calls.length, second.calls.length]).toEqual([3, 1]);
    waiting.abort();
    await pending;

    second.behave(answer(200, completion('2')));
    const fair = await opened.gateway([first, second]);
    for (let turn = 0; turn < 4; turn++) await fair.forward();
    expect([first.calls.length, second.calls.length]).toEqual([5, 3]);
  });

  it('tells who answers, once, and when an upstream answers as another than before', async () => {
    const upstream = await opened.upstream(answer(200, completion('a')));
    const { forward, firstIdentities, identityChanges } = await opened.gateway([upstream]);
    await forward();
    await forward();
    const first = { model: 'mock-1-2026', systemFingerprint: 'fp_1' };
    expect(firstIdentities).toEqual([{ model: 'support-chat', version: '1.1.0', target: 0, answeredBy: first }]);
    upstream.behave(stream(delta('a', 'stop'), done));
    await readContent(await forward(streamed));
    expect(identityChanges).toEqual([]);
    upstream.behave(answer(200, completion('a', { system_fingerprint: 'fp_2' })));
    await forward();
    expect(identityChanges).toEqual([
      {
        model: 'support-chat',
        version: '1.1.0',
        target: 0,
        before: first,
        after: { model: 'mock-1-2026', systemFingerprint: 'fp_2' },
      },
    ]);
    expect(firstIdentities).toHaveLength(1);
    upstream.behave(stream(delta('a', 'stop').replace('fp_1', 'fp_3'), done));
    await readContent(await forward(streamed));
    expect(identityChanges[1]).toMatchObject({
      before: { systemFingerprint: 'fp_2' },
      after: { systemFingerprint: 'fp_3' },
    });
  });

  it('refuses a key that is not set, by its name', async () => {
    const targets = [{ baseUrl: 'http://127.0.0.1:9/v1', model: 'm', apiKey: `\${NOT_THERE}`, weight: 1 }];
    await expect(openGateway([], { targets })).rejects.toMatchObject({
      kind: 'invalid_request',
      message: expect.stringContaining('Set NOT_THERE'),
    });
  });

  it('refuses more requests than it may have, and unloads after those in flight', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const { forward, version } = await opened.gateway([upstream], { options: { maxInFlight: 1 } });
    const wire = await forward(streamed);
    expect(await version.stats()).toMatchObject({ running: 1, slots: 1, residentBytes: 0 });
    await expect(forward()).rejects.toMatchObject({ kind: 'overloaded', retryAfterMs: 1_000 });
    let isUnloaded = false;
    const unloaded = version.unload().then(() => {
      isUnloaded = true;
    });
    await expect(forward()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(isUnloaded).toBe(false);
    upstream.calls[0]?.response.end(delta('b', 'stop') + done);
    expect(await readContent(wire)).toBe('ab');
    await unloaded;
    expect(await version.stats()).toMatchObject({ running: 0 });
  });
});

describe('generating and embedding by the wire', () => {
  it('turns chunks into events', async () => {
    const call = (changes: object) => event({ choices: [{ index: 0, finish_reason: null, ...changes }] });
    const upstream = await opened.upstream(
      stream(
        call({
          delta: { content: 'Hi' },
          logprobs: { content: [{ token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] }] },
        }),
        call({ delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'look', arguments: '' } }] } }),
        call({ delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }),
        call({ delta: {}, finish_reason: 'tool_calls' }),
        usageEvent(),
        done,
      ),
    );
    const { version } = await opened.gateway([upstream]);
    const events = await Array.fromAsync(
      version.generate?.(
        {
          input: { kind: 'messages', messages: [{ role: 'user', content: 'Hi' }] },
          maxTokens: 5,
          stop: ['x'],
          temperature: 0,
          format: { type: 'json_object' },
          tools: [{ name: 'look' }],
          toolChoice: { name: 'look' },
          topLogprobs: 0,
        },
        { signal: new AbortController().signal },
      ) ?? [],
    );
    expect(upstream.calls[0]?.body).toEqual({
      model: 'mock-1',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
      stop: ['x'],
      temperature: 0,
      response_format: { type: 'json_object' },
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ type: 'function', function: { name: 'look' } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      logprobs: true,
      top_logprobs: 0,
    });
    expect(events).toEqual([
      { type: 'start' },
      { type: 'text', text: 'Hi', logprobs: [{ token: 'Hi', logprob: -0.5, bytes: [72, 105], top: [] }] },
      { type: 'tool-call', index: 0, id: 'c1', name: 'look', argumentsDelta: '' },
      { type: 'tool-call', index: 0, argumentsDelta: '{}' },
      { type: 'finish', reason: 'tool_calls', usage: { inputTokens: 3, outputTokens: 2 } },
    ]);
  });

  it('cancels the upstream when a generation is not read to its end', async () => {
    const upstream = await opened.upstream(write(delta('a')));
    const { version } = await opened.gateway([upstream]);
    const request = {
      input: { kind: 'text', text: 'Once' },
      maxTokens: 5,
      stop: [],
      format: { type: 'text' },
      tools: [],
      toolChoice: 'none',
    } as const;
    for await (const { type } of version.generate?.(request, { signal: new AbortController().signal }) ?? []) {
      if (type === 'text') break;
    }
    expect(upstream.calls[0]).toMatchObject({ path: '/v1/completions', body: { prompt: 'Once' } });
    await upstream.calls[0]?.left;
    expect(await version.stats()).toMatchObject({ running: 0 });
  });

  it('gives vectors of unit length in the order of the texts', async () => {
    const upstream = await opened.upstream(
      answer(200, {
        model: 'e',
        data: [
          { index: 1, embedding: [0, 2] },
          { index: 0, embedding: [3, 4] },
        ],
        usage: { prompt_tokens: 4, total_tokens: 4 },
      }),
    );
    const { version } = await opened.gateway([upstream], { task: 'embedding' });
    const embed = (...texts: string[]) =>
      version.embed?.({ input: { kind: 'texts', texts } }, { signal: new AbortController().signal });
    const result = await embed('a', 'b');
    expect(result?.inputTokens).toBe(4);
    expect(result?.vectors.map((vector) => [...vector].map((value) => value.toFixed(3)))).toEqual([
      ['0.600', '0.800'],
      ['0.000', '1.000'],
    ]);
    await expect(embed('a', 'b', 'c')).rejects.toMatchObject({ kind: 'bad_gateway' });
  });
});
