import { describe, expect, it } from 'vitest';
import { readEmailSettings, readSlackSettings } from './people-channels.ts';

describe('the Slack channel', () => {
  it('is there when its address is, which must be one that may be called', () => {
    const url = 'https://hooks.example.com/services/T0/B0/secret';
    expect(readSlackSettings({})).toBeUndefined();
    expect(readSlackSettings({ SCARMONIT_SLACK_URL: url })).toEqual({ url, allowPrivate: false });
    expect(() => readSlackSettings({ SCARMONIT_SLACK_URL: 'http://127.0.0.1:9/secret' })).toThrow(
      /^SCARMONIT_SLACK_URL: The address of the webhook must begin with https:/,
    );
    const local = { SCARMONIT_SLACK_URL: 'http://127.0.0.1:9/', SCARMONIT_WEBHOOK_ALLOW_PRIVATE: 'true' };
    expect(readSlackSettings(local)?.allowPrivate).toBe(true);
  });
});

describe('e-mail', () => {
  const url = 'smtps://user:pass-word@smtp.example.com';

  it('is there when a server and recipients are, and comes from the first of them unless it is said', () => {
    expect(readEmailSettings({})).toBeUndefined();
    const to = { SCARMONIT_SMTP_URL: url, SCARMONIT_EMAIL_TO: 'ops@example.com, boss@example.com' };
    expect(readEmailSettings(to)).toEqual({
      url,
      from: 'ops@example.com',
      to: ['ops@example.com', 'boss@example.com'],
    });
    expect(readEmailSettings({ ...to, SCARMONIT_EMAIL_FROM: 'me@example.com' })?.from).toBe('me@example.com');
  });

  it.each([
    [{ SCARMONIT_SMTP_URL: url }, 'Set both, or neither.'],
    [{ SCARMONIT_EMAIL_TO: 'ops@example.com' }, 'Set both, or neither.'],
    [{ SCARMONIT_SMTP_URL: url, SCARMONIT_EMAIL_TO: 'ops' }, "not 'ops'."],
    [{ SCARMONIT_SMTP_URL: 'smtp.example.com', SCARMONIT_EMAIL_TO: 'ops@example.com' }, 'The mail server must be'],
  ])('of %o is refused with the fix, and without the password', (env, message) => {
    expect(() => readEmailSettings(env)).toThrow(message);
    expect(() => readEmailSettings(env)).not.toThrow('pass-word');
  });
});
