import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';
import { startWorkerHost, type WorkerHost, workerTestKey } from './start-worker-host.ts';

const patience = { timeout: 30_000, interval: 50 };
const headers = { authorization: `Bearer ${workerTestKey}`, 'content-type': 'application/json' };

let receiver: OtlpReceiver;
let worker: WorkerHost;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  worker = await startWorkerHost({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
});
afterAll(async () => {
  await worker?.close();
  await receiver.close();
});

it('sends the span of a streamed chat after its answer, and its figures', async () => {
  const { data } = (await (await fetch(`${worker.url}/api/admin/models`, { headers })).json()) as {
    readonly data: readonly { readonly name: string; readonly task: string; readonly stable: string }[];
  };
  const chat = data.find(({ task }) => task === 'chat');
  const response = await fetch(`${worker.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    body: JSON.stringify({ model: chat?.name, stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(await response.text()).toContain('data: [DONE]');
  await expect.poll(() => receiver.spans.length, patience).toBe(2);
  const server = receiver.spans.find(({ kind }) => kind === 2);
  const client = receiver.spans.find(({ kind }) => kind === 3);
  expect(response.headers.get('traceresponse')).toContain(server?.spanId ?? 'no span');
  expect(server).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331' });
  expect(client).toMatchObject({
    parentSpanId: server?.spanId,
    name: `chat ${chat?.name}`,
    attributes: {
      'gen_ai.provider.name': 'workers-ai',
      'scarmonit.model.version': chat?.stable,
      'gen_ai.request.stream': true,
    },
    resource: { 'service.name': 'scarmonit', 'cloud.platform': 'cloudflare.workers' },
  });
  expect(Number(client?.attributes['gen_ai.usage.output_tokens'])).toBeGreaterThan(0);
  await expect.poll(() => receiver.counts.get('gen_ai.server.request.duration'), patience).toBe(1);
});

it('shows what was served to Prometheus', async () => {
  const scrape = async (): Promise<string> => (await fetch(`${worker.url}/metrics`, { headers })).text();
  await expect.poll(scrape, patience).toMatch(/^scarmonit_requests_total\{[^}]*outcome="ok"\} 1$/m);
  expect(await scrape()).toMatch(/^scarmonit_host_info\{host="cloudflare"\} 1$/m);
  expect((await fetch(`${worker.url}/metrics`)).status).toBe(401);
});
