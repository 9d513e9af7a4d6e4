import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkWebhookUrl, WebhookUrlError } from './check-webhook-url.ts';

const strict = { allowPrivate: false };
const allowing = { allowPrivate: true };

describe('checkWebhookUrl', () => {
  it.each([
    'https://hooks.example.com/a?b=c',
    'https://hooks.example.com./',
    'https://1.1.1.1/',
    'https://[2606:4700::1]/',
  ])('takes %s', (url) => {
    expect(checkWebhookUrl(url, strict).href).toBe(url);
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://localhost/',
    'https://localhost./',
    'https://LOCALHOST/',
    'https://hooks.localhost/',
    'https://10.0.0.1/',
    'https://[fd12::1]/',
    'https://100.64.0.1/',
  ])('takes %s only when that is allowed', (url) => {
    expect(() => checkWebhookUrl(url, strict)).toThrow('SCARMONIT_WEBHOOK_ALLOW_PRIVATE');
    expect(checkWebhookUrl(url, allowing).protocol).toBe('https:');
  });

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://0xa9fea9fe/',
    'https://[fd00:ec2::254]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://0.0.0.0/',
    'https://0/',
    'https://[::]/',
    'https://224.0.0.1/',
    'https://[fe80::1]/',
    'http://10.0.0.1/',
    'http://hooks.example.com/',
    'http://169.254.169.254/',
    'http://localhost.example.com/',
    'ftp://hooks.example.com/',
    'file:///etc/passwd',
    'https://user@hooks.example.com/',
    'https://user:secret@hooks.example.com/',
    'https://:secret@127.0.0.1/',
    'hooks.example.com',
    '',
  ])('never takes %s', (url) => {
    expect(() => checkWebhookUrl(url, allowing)).toThrow(WebhookUrlError);
    expect(() => checkWebhookUrl(url, strict)).toThrow(WebhookUrlError);
  });

  it('takes http only for this machine, and only when that is allowed', () => {
    for (const url of ['http://127.0.0.1:9000/hook', 'http://[::1]/', 'http://localhost:9000/', 'http://0x7f.1/']) {
      expect(checkWebhookUrl(url, allowing).protocol).toBe('http:');
      expect(() => checkWebhookUrl(url, strict)).toThrow('https://');
    }
  });

  it('repeats no secret of an address that it refuses', () => {
    expect(() => checkWebhookUrl('https://me:hunter2@127.0.0.1/token-abc', strict)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/hunter2|token-abc/) }),
    );
  });

  it('says the same of an IPv4 address in decimal, octal and hexadecimal', () => {
    const isTaken = (host: string): boolean => {
      try {
        checkWebhookUrl(`https://${host}/`, strict);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const parts = address.split('.').map(Number);
        const number = parts.reduce((sum, part) => sum * 256 + part, 0);
        const forms = [
          `${number}`,
          `0x${number.toString(16)}`,
          parts.map((part) => `0x${part.toString(16)}`).join('.'),
          parts.map((part) => `0${part.toString(8)}`).join('.'),
          `${address}.`,
        ];
        expect(forms.map(isTaken)).toEqual(forms.map(() => isTaken(address)));
      }),
    );
  });
});
