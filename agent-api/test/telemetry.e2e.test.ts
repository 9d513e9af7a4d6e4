import {
  answer,
  begin,
  completion,
  delta,
  done,
  stream,
  usageEvent,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, Opened, patience } from './gateway/open-gateway.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';
const secret = 'the prompt that nobody may see';

const opened = new Opened();
let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  await opened.close();
  await receiver.close();
});

const openTraced = (env: Readonly<Record<string, string>> = {}): Promise<Gateway> =>
  opened.gateway({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'support',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
      ...env,
    },
  });

/** How many spans there are beside those that serve a client. */
const spansOf = (kind: 'server' | 'client') =>
  receiver.spans.filter((span) => span.kind === (kind === 'server' ? 2 : 3));

describe('a traced streamed chat', () => {
  it('is a span with its tokens, its first token, its model and version, below the span of the request', async () => {
    const upstream = await opened.upstream(async ({ response }) => {
      begin(response, [delta('Hel')]);
      // The rest comes when the client has the first piece: the span must be longer than that.
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const piece of [delta('lo', 'stop'), usageEvent(), done]) response.write(piece);
      response.end();
    });
    const gateway = await openTraced();
    const model = await gateway.serve({ upstreams: [upstream] });
    const headers = { traceparent: `00-${traceId}-${parent}-01`, tracestate: 'vendor=1', 'x-request-id': 'req-traced' };
    const response = await gateway.chat({ stream: true, messages: [{ role: 'user', content: secret }] }, { headers });
    await response.text();

    await expect.poll(() => receiver.spans.length, patience).toBe(2);
    const [client] = spansOf('client');
    const [server] = spansOf('server');
    expect(response.headers.get('traceresponse')).toBe(`00-${traceId}-${server?.spanId}-01`);
    expect(server).toMatchObject({
      traceId,
      parentSpanId: parent,
      name: 'POST /v1/chat/completions',
      attributes: { 'http.response.status_code': 200, 'http.route': '/v1/chat/completions' },
      resource: { 'service.name': 'support' },
    });
    expect(client).toMatchObject({
      traceId,
      parentSpanId: server?.spanId,
      name: `chat ${model}`,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': model,
        'gen_ai.response.model': model,
        'gen_ai.request.stream': true,
        'gen_ai.usage.input_tokens': 3,
        'gen_ai.usage.output_tokens': 2,
        'scarmonit.model.version': '1.0.0',
        'scarmonit.outcome': 'ok',
        'scarmonit.request.id': 'req-traced',
      },
    });
    const firstToken = Number(client?.attributes['gen_ai.response.time_to_first_chunk']);
    expect(firstToken).toBeGreaterThan(0);
    expect(client?.durationMs).toBeGreaterThanOrEqual(firstToken * 1_000 + 50);
    expect(server?.durationMs).toBeGreaterThanOrEqual(client?.durationMs ?? Number.POSITIVE_INFINITY);
    // The upstream stands below the attempt.
    expect(upstream.calls[0]?.headers).toMatchObject({
      traceparent: `00-${traceId}-${client?.spanId}-01`,
      tracestate: 'vendor=1',
    });
    await expect.poll(() => receiver.counts.get('gen_ai.client.token.usage'), patience).toBe(2);
    expect(receiver.counts.get('gen_ai.server.request.duration')).toBe(1);
    expect(receiver.counts.get('gen_ai.server.time_to_first_token')).toBe(1);
    expect(new Set(receiver.authorizations)).toEqual(new Set(['Bearer collector-key']));
    expect(receiver.text).not.toContain(secret);
  });

  it('is traced by the process that answers it, where there are several', async () => {
    const upstream = await opened.upstream(stream(delta('Hi', 'stop'), usageEvent(), done));
    const gateway = await openTraced({ SCARMONIT_PROCESSES: '2' });
    await gateway.serve({ upstreams: [upstream] });
    await Promise.all(Array.from({ length: 8 }, async () => (await gateway.chat({ stream: true })).text()));
    await expect.poll(() => spansOf('client').length, patience).toBe(8);
    await expect.poll(() => spansOf('server').length, patience).toBe(8);
    expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(8);
  });
});

it('answers as ever when the receiver is gone, and says so once', async () => {
  const upstream = await opened.upstream(answer(200, completion('Hello')));
  const gateway = await openTraced();
  await gateway.serve({ upstreams: [upstream] });
  await receiver.close();
  for (let asked = 0; asked < 5; asked += 1) expect((await gateway.chat()).status).toBe(200);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe(0);
  expect(gateway.output().match(/telemetry could not be sent/g)).toHaveLength(1);
});

it('traces nothing, and adds nothing to what upstreams get, where no endpoint is set', async () => {
  const upstream = await opened.upstream(answer(200, completion('Hello')));
  const gateway = await opened.gateway();
  await gateway.serve({ upstreams: [upstream] });
  const response = await gateway.chat({}, { headers: { traceparent: `00-${traceId}-${parent}-01` } });
  expect(response.headers.has('traceresponse')).toBe(false);
  expect(upstream.calls[0]?.headers['traceparent']).toBeUndefined();
});
