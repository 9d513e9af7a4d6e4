import type { HttpRequest, HttpResponse } from '@scarmonit/core/ports/http-transport';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { type ClosableNotifier, createNotifier, type DeliveryProblem } from '@scarmonit/core/services/notify-channels';
import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWebhookChannel } from './webhook-channel.ts';

const startAt = 1_700_000_000_000;
let clock: FakeClock;
let requests: HttpRequest[];
let problems: DeliveryProblem[];
let respond: (request: HttpRequest) => Promise<HttpResponse>;
let isClosed: boolean;
let notifier: ClosableNotifier;

const notification = (id: string): Notification => ({ id, type: 't', summary: 's', data: {}, createdAt: startAt });
const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> =>
  Promise.resolve({
    status,
    headers,
    body: { cancel: () => undefined, discard: () => undefined, [Symbol.asyncIterator]: () => noBytes() },
  });
async function* noBytes(): AsyncGenerator<Uint8Array> {}
/** Answers when it is aborted, by failing. */
const hang = ({ signal }: HttpRequest): Promise<HttpResponse> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));
const idsSent = () => requests.map(({ headers }) => headers['webhook-id']);
const create = (more: { readonly maxWaiting?: number; readonly random?: () => number } = {}) =>
  createNotifier({
    channels: [
      createWebhookChannel({
        url: 'https://hooks.example.com/path-token?query-token',
        secret: 'a secret of at least twenty-four bytes',
        allowPrivate: false,
        transport: {
          open: () => ({
            request: (request) => {
              requests.push(request);
              return respond(request);
            },
            close: async () => {
              isClosed = true;
            },
          }),
        },
        clock,
      }),
    ],
    clock,
    random: () => 0.5,
    onProblem: (problem) => problems.push(problem),
    ...more,
  });

beforeEach(() => {
  clock = createFakeClock(startAt);
  requests = [];
  problems = [];
  isClosed = false;
  respond = () => answer(200);
  notifier = create();
});

describe('notifications by webhook', () => {
  it('posts what it is given and is drained then', async () => {
    notifier.notify(notification('n1'));
    await notifier.drained();
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/path-token?query-token',
        body: `{"type":"t","id":"n1","createdAt":${startAt},"summary":"s","data":{}}`,
        headers: { 'webhook-id': 'n1', 'webhook-timestamp': `${startAt / 1_000}` },
      },
    ]);
    expect(problems).toEqual([]);
  });

  it('tries six times within about ten minutes, each with the time of its own try, and then gives up', async () => {
    respond = () => answer(500);
    notifier.notify(notification('n1'));
    await clock.advance(0);
    for (const delayMs of [5_000, 15_000, 45_000, 135_000, 405_000]) {
      const { length } = requests;
      await clock.advance(delayMs - 1);
      expect(requests).toHaveLength(length);
      await clock.advance(1);
      expect(requests).toHaveLength(length + 1);
    }
    await notifier.drained();
    expect(requests.map(({ headers }) => Number(headers['webhook-timestamp']) - startAt / 1_000)).toEqual([
      0, 5, 20, 65, 200, 605,
    ]);
    expect(new Set(requests.map(({ headers }) => headers['webhook-signature'])).size).toBe(6);
    expect(problems.map(({ reason, tries, nextTryMs }) => [reason, tries, nextTryMs])).toEqual([
      ['answered 500', 1, 5_000],
      ['answered 500', 2, 15_000],
      ['answered 500', 3, 45_000],
      ['answered 500', 4, 135_000],
      ['answered 500', 5, 405_000],
      ['answered 500', 6, undefined],
    ]);
  });

  it.each([
    [0, 3_750],
    [0.999, 6_247.5],
  ])('spreads its tries by a quarter either way (random %d)', async (random, nextTryMs) => {
    notifier = create({ random: () => random });
    respond = () => answer(503);
    notifier.notify(notification('n1'));
    await clock.advance(0);
    expect(problems[0]?.nextTryMs).toBeCloseTo(nextTryMs, 6);
  });

  it('comes back no sooner than the receiver wants, within bounds', async () => {
    respond = () => answer(429, { 'retry-after': '60' });
    notifier.notify(notification('n1'));
    await clock.advance(0);
    respond = () => answer(429, { 'retry-after': '86400' });
    await clock.advance(60_000);
    expect(problems.map(({ nextTryMs }) => nextTryMs)).toEqual([60_000, 405_000]);
  });

  it('sends no more of what the receiver says is gone', async () => {
    respond = () => answer(410);
    notifier.notify(notification('n1'));
    await notifier.drained();
    expect(problems).toMatchObject([{ reason: 'answered 410', tries: 1, nextTryMs: undefined }]);
  });

  it('ends a try that takes too long', async () => {
    respond = hang;
    notifier.notify(notification('n1'));
    await clock.advance(14_999);
    expect(problems).toEqual([]);
    await clock.advance(1);
    expect(problems).toMatchObject([{ reason: 'aborted', nextTryMs: 5_000 }]);
  });

  it('lets a receiver that hangs hold up four, and sends what waits once there is room', async () => {
    respond = hang;
    for (let id = 1; id <= 6; id += 1) notifier.notify(notification(`n${id}`));
    await clock.advance(0);
    expect(idsSent()).toEqual(['n1', 'n2', 'n3', 'n4']);
    respond = () => answer(200);
    await clock.advance(15_000);
    expect(idsSent().slice(4, 6)).toEqual(['n5', 'n6']);
  });

  it('drops the oldest when too many wait, also one that was tried already, and counts it', async () => {
    notifier = create({ maxWaiting: 2 });
    respond = () => answer(500);
    for (const id of ['n1', 'n2', 'n3']) {
      notifier.notify(notification(id));
      await clock.advance(0);
    }
    expect(problems.at(-1)).toMatchObject({ id: 'n1', reason: 'too many wait', nextTryMs: undefined, dropped: 1 });
    respond = () => answer(200);
    await clock.advance(5_000);
    expect(idsSent()).toEqual(['n1', 'n2', 'n3', 'n2', 'n3']);
  });

  it('waits at its end for what is on its way, gives up what waits for another try, and takes no more', async () => {
    respond = () => answer(500);
    notifier.notify(notification('failed'));
    await clock.advance(0);
    let finish: (response: HttpResponse) => void = () => undefined;
    respond = () => new Promise((resolve) => (finish = resolve));
    notifier.notify(notification('sending'));
    await clock.advance(0);
    const closing = notifier.close();
    notifier.notify(notification('late'));
    finish(await answer(200));
    await closing;
    expect(idsSent()).toEqual(['failed', 'sending']);
    expect(problems.at(-1)).toMatchObject({ id: 'failed', reason: 'the server is closing' });
    expect(isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('ends within five seconds whatever the receiver does', async () => {
    respond = hang;
    for (let id = 1; id <= 5; id += 1) notifier.notify(notification(`n${id}`));
    await clock.advance(0);
    const drained = notifier.drained();
    const closing = notifier.close();
    await clock.advance(5_000);
    await Promise.all([closing, drained]);
    expect(problems.map(({ id }) => id).sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(clock.pending).toBe(0);
  });

  it('tells neither address nor secret nor content of what failed', async () => {
    respond = () => answer(500);
    notifier.notify({ ...notification('n1'), summary: 'content-token' });
    await clock.advance(0);
    expect(JSON.stringify(problems)).not.toMatch(/path-token|query-token|content-token|twenty-four/);
  });
});
