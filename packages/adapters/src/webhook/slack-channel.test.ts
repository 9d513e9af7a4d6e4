import type { HttpRequest, HttpResponse } from '@scarmonit/core/ports/http-transport';
import { DeliveryError, type Notification } from '@scarmonit/core/ports/notifier';
import { describe, expect, it } from 'vitest';
import { createSlackChannel } from './slack-channel.ts';

const plain: Notification = {
  id: 'n1',
  type: 'rollout.rolled-back',
  summary: 'chat 1.0.0 → <1.1.0> & back',
  data: { rolloutId: 'r1' },
  createdAt: 0,
};
const alert: Notification = {
  id: 'a1-firing',
  type: 'alert.firing',
  summary: 'chat: error rate. 5 % of <!channel> failed. Look at them.',
  data: { state: 'firing', severity: 'page', model: 'chat', rule: 'error-rate/chat/page', advice: 'Look at them.' },
  createdAt: 0,
};

/** @param answers what the receiver answers */
async function send(notification: Notification, answers = { status: 200, headers: {} }) {
  const requests: HttpRequest[] = [];
  const respond = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    return { ...answers, body: { cancel: () => undefined, discard: () => undefined, [Symbol.asyncIterator]: noBytes } };
  };
  const channel = createSlackChannel({
    url: 'https://hooks.example.com/services/secret-token',
    allowPrivate: false,
    transport: { open: () => ({ request: respond, close: async () => undefined }) },
    clock: { now: () => 0 },
  });
  await channel.deliver(notification, new AbortController().signal);
  const [request] = requests;
  return { channel, path: request?.path, message: JSON.parse(String(request?.body)) };
}
async function* noBytes(): AsyncGenerator<Uint8Array> {}

describe('the Slack channel', () => {
  it('says an alert in its colour, with what to do, and lets nothing become a mention', async () => {
    const { path, message, channel } = await send(alert);
    expect(path).toBe('/services/secret-token');
    expect(channel.target).toBe('hooks.example.com');
    expect(message).toEqual({
      text: 'chat: error rate. 5 % of &lt;!channel&gt; failed.',
      attachments: [
        {
          color: 'danger',
          text: 'Look at them.',
          fields: [
            { title: 'severity', value: 'page', short: true },
            { title: 'state', value: 'firing', short: true },
            { title: 'model', value: 'chat', short: true },
            { title: 'rule', value: 'error-rate/chat/page', short: true },
          ],
        },
      ],
    });
  });

  it.each([
    [{ state: 'firing', severity: 'ticket' }, 'warning'],
    [{ state: 'resolved', severity: 'page' }, 'good'],
  ])('of %j is coloured %s', async (data, colour) => {
    expect((await send({ ...alert, data: { ...alert.data, ...data } })).message.attachments[0].color).toBe(colour);
  });

  it('says in a sentence what is no alert', async () => {
    expect((await send(plain)).message).toEqual({ text: 'chat 1.0.0 → &lt;1.1.0&gt; &amp; back' });
  });

  it('says what the receiver answered, and not where it is', async () => {
    const refusal = send(alert, { status: 404, headers: {} });
    await expect(refusal).rejects.toThrow(DeliveryError);
    await expect(refusal).rejects.toThrow(/^answered 404$/);
  });

  it('keeps to the rules of webhooks for its address', () => {
    const open = () =>
      createSlackChannel({
        url: 'https://169.254.169.254/latest',
        allowPrivate: true,
        transport: { open: () => expect.unreachable('It was opened.') },
        clock: { now: () => 0 },
      });
    expect(open).toThrow('A webhook cannot be sent to 169.254.169.254.');
  });
});
