import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmailChannel } from '../src/smtp/email-channel.ts';
import { readSmtpUrl } from '../src/smtp/read-smtp-url.ts';

const alert: Notification = {
  id: 'a1-firing-x',
  type: 'alert.firing',
  summary: 'chat: error rate. 5 % failed. Look at them.',
  data: {
    alertId: 'a1',
    rule: 'error-rate/chat/page',
    title: 'chat: error rate',
    state: 'firing',
    severity: 'page',
    summary: '5 % failed.',
    advice: 'Look at them.',
  },
  createdAt: Date.UTC(2026, 0, 15),
};

interface Received {
  /** Commands, without the message. */
  readonly commands: string[];
  readonly messages: string[];
}

let server: Server;
let received: Received;
/** What the server answers to a command that begins like this, in place of 250. */
let answers: Readonly<Record<string, string>>;

/** As much of RFC 5321 as a client needs to send mail. */
function serve(socket: Socket): void {
  let waiting = '';
  let message: string[] | undefined;
  const answer = (line: string): void => void socket.write(`${line}\r\n`);
  const take = (line: string): void => {
    if (message !== undefined) {
      if (line !== '.') message.push(line.replace(/^\./, ''));
      else {
        received.messages.push(message.join('\n'));
        message = undefined;
        answer('250 taken');
      }
      return;
    }
    received.commands.push(line);
    const planned = Object.entries(answers).find(([begin]) => line.startsWith(begin));
    if (planned !== undefined) answer(planned[1]);
    else if (line.startsWith('EHLO')) answer('250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME');
    else if (line.startsWith('AUTH')) answer('235 welcome');
    else if (line === 'DATA') {
      message = [];
      answer('354 go on');
    } else if (line === 'QUIT') socket.end('221 bye\r\n');
    else answer('250 ok');
  };
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    waiting += bytes;
    const lines = waiting.split('\r\n');
    waiting = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  answer('220 here');
}

const channelTo = (to: readonly string[], credentials = '') =>
  createEmailChannel({
    url: `smtp://${credentials}127.0.0.1:${(server.address() as AddressInfo).port}`,
    from: 'scarmonit@example.com',
    to,
  });
const send = (to: readonly string[] = ['ops@example.com'], notification = alert, credentials = '') =>
  channelTo(to, credentials).deliver(notification, new AbortController().signal);

beforeEach(async () => {
  received = { commands: [], messages: [] };
  answers = {};
  server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

describe('mail by SMTP', () => {
  it('tells an alert to everybody, as one thread', async () => {
    await send(['ops@example.com', 'boss@example.com']);
    expect(received.commands.filter((line) => /^(MAIL|RCPT)/.test(line))).toEqual([
      expect.stringContaining('MAIL FROM:<scarmonit@example.com>'),
      'RCPT TO:<ops@example.com>',
      'RCPT TO:<boss@example.com>',
    ]);
    const [message = ''] = received.messages;
    const [head = '', body] = message.split('\n\n');
    expect(head.split('\n')).toEqual(
      expect.arrayContaining([
        'Subject: Scarmonit: [page] chat: error rate',
        'Message-ID: <a1-firing-x@scarmonit>',
        'References: <a1@scarmonit>',
        'Auto-Submitted: auto-generated',
        'Date: Thu, 15 Jan 2026 00:00:00 +0000',
      ]),
    );
    expect(body).toBe('5 % failed.');
    expect(message).toContain('Look at them.\n\nRule: error-rate/chat/page\n\n2026-01-15T00:00:00.000Z');
  });

  it('says of a resolved alert that it is, and what is no alert in its sentence', async () => {
    await send(undefined, { ...alert, data: { ...alert.data, state: 'resolved' } });
    await send(undefined, { ...alert, summary: 'chat: rolled back', data: {} });
    expect(received.messages[0]).toContain('Subject: Scarmonit: [resolved] chat: error rate');
    expect(received.messages[0]).not.toContain('Look at them.');
    expect(received.messages[1]).toContain('Subject: Scarmonit: chat: rolled back');
  });

  it('lets no line break of a name add a header', async () => {
    await send(undefined, { ...alert, data: { ...alert.data, title: 'chat\r\nBcc: other@example.com' } });
    expect(received.messages[0]).not.toMatch(/^Bcc:/m);
    expect(received.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(1);
  });

  it('signs in where the address has a user, and tells neither it nor the password', async () => {
    await send(undefined, alert, 'us%40er:pass%3Aword@');
    const plain = Buffer.from('\0us@er\0pass:word').toString('base64');
    expect(received.commands).toContain(`AUTH PLAIN ${plain}`);
    answers = { AUTH: '535 us@er pass:word is wrong' };
    await expect(send(undefined, alert, 'us%40er:pass%3Aword@')).rejects.toThrow(/^the mail server answered 535$/);
  });

  it('fails when the server takes none of the recipients, or not all of them', async () => {
    answers = { 'RCPT TO:<boss': '550 no such user' };
    await expect(send(['boss@example.com'])).rejects.toThrow(/^the mail server answered 550$/);
    await expect(send(['ops@example.com', 'boss@example.com'])).rejects.toThrow(/refused 1 of 2 recipients/);
  });

  it('fails when nobody listens, and when it is given up', async () => {
    const channel = channelTo(['ops@example.com']);
    answers = { EHLO: '' };
    const controller = new AbortController();
    const sending = channel.deliver(alert, controller.signal);
    controller.abort();
    await expect(sending).rejects.toThrow(/^the mail server could not be used/);
    await channel.close();
    const nobody = createEmailChannel({ url: 'smtp://127.0.0.1:1', from: 'a@example.com', to: ['b@example.com'] });
    await expect(nobody.deliver(alert, new AbortController().signal)).rejects.toThrow(/could not be used \(E/);
  });
});

describe('the address of a mail server', () => {
  it('has the ports of mail submission, and is encrypted in one way or the other', () => {
    expect(readSmtpUrl('smtp://smtp.example.com')).toEqual({
      host: 'smtp.example.com',
      port: 587,
      isImplicitTls: false,
      isLoopback: false,
    });
    expect(readSmtpUrl('smtps://u:p@smtp.example.com')).toMatchObject({ port: 465, isImplicitTls: true });
    expect(readSmtpUrl('smtp://[::1]:25')).toMatchObject({ host: '::1', port: 25, isLoopback: true });
    expect(readSmtpUrl('smtp://localhost.example.com')).toMatchObject({ isLoopback: false });
  });

  it.each(['smtp.example.com', 'https://smtp.example.com', 'smtp://'])('is not %s', (url) => {
    expect(() => readSmtpUrl(url)).toThrow('The mail server must be an address such as smtps://');
  });

  it('may not hold what cannot be decoded', () => {
    expect(() => readSmtpUrl('smtp://u%:p@smtp.example.com')).toThrow('must be percent-encoded');
  });
});
