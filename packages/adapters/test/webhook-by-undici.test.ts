import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { createNotifier, type DeliveryProblem } from '@scarmonit/core/services/notify-channels';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../src/system/system-clock.ts';
import { createUndiciTransport } from '../src/undici/create-undici-transport.ts';
import { createGuardedLookup } from '../src/webhook/guarded-lookup.ts';
import { createWebhookChannel } from '../src/webhook/webhook-channel.ts';

const secret = 'a secret of at least twenty-four bytes';
const rules = { allowPrivate: true };
const notification: Notification = {
  id: 'n1',
  type: 'rollout.rolled-back',
  summary: 'chat 1.0.0 → 1.1.0: rolled back',
  data: { rolloutId: 'r1' },
  createdAt: 1_700_000_000_000,
};

interface Received {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let port: number;
let received: Received[];
let problems: DeliveryProblem[];
/** What the receiver answers, with which headers. */
let answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

const notify = async (url: string, resolved: readonly string[] = []): Promise<void> => {
  let asked = 0;
  const lookup = createGuardedLookup(rules, (_name, _options, callback) => {
    const address = resolved[Math.min(asked, resolved.length - 1)] ?? '';
    asked += 1;
    callback(null, [{ address, family: 4 }]);
  });
  const clock = createSystemClock();
  const transport = createUndiciTransport({ lookup });
  const notifier = createNotifier({
    channels: [createWebhookChannel({ url, secret, ...rules, transport, clock })],
    clock,
    random: () => 0.5,
    onProblem: (problem) => problems.push(problem),
  });
  for (const id of ['n1', 'n2']) {
    const { length } = problems;
    notifier.notify({ ...notification, id });
    await Promise.race([notifier.drained(), untilMore(length)]);
  }
  await notifier.close();
};

const untilMore = async (length: number): Promise<void> => {
  while (problems.length === length) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  received = [];
  problems = [];
  answer = { status: 204 };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ url: request.url, headers: request.headers, body });
    // Each request has to make a connection of its own, and so to resolve the name again.
    response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

describe('webhooks by undici', () => {
  it('arrive whole, and signed so that a receiver can check them with the secret alone', async () => {
    await notify(`http://127.0.0.1:${port}/hooks?channel=ops`);
    const [first] = received;
    expect(first?.url).toBe('/hooks?channel=ops');
    expect(JSON.parse(first?.body ?? '')).toEqual(notification);
    expect(first?.headers['webhook-id']).toBe('n1');
    const signed = `n1.${first?.headers['webhook-timestamp']}.${first?.body}`;
    expect(first?.headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
    );
    expect(problems).toEqual([]);
  });

  it('go to the address that was checked with the name in Host, and nowhere once the name means another', async () => {
    await notify(`http://hooks.localhost:${port}/`, ['127.0.0.1', '169.254.169.254']);
    expect(received.map(({ headers }) => headers.host)).toEqual([`hooks.localhost:${port}`]);
    expect(problems[0]).toMatchObject({ id: 'n2', reason: expect.stringContaining('must not be sent to') });
  });

  it('follow no redirect', async () => {
    answer = { status: 307, headers: { location: `http://127.0.0.1:${port}/elsewhere` } };
    await notify(`http://127.0.0.1:${port}/`);
    expect(received.map(({ url }) => url)).toEqual(['/', '/']);
    expect(problems[0]).toMatchObject({ id: 'n1', reason: 'answered 307', tries: 1 });
  });
});
