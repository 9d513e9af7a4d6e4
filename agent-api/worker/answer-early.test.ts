import { describe, expect, it } from 'vitest';
import { refuseOldTls } from './answer-early.ts';

describe('TLS', () => {
  it.each(['TLSv1', 'TLSv1.1'])('of version %s is refused with 426, in the shape of all errors', async (version) => {
    const refused = refuseOldTls(version);
    expect(refused?.status).toBe(426);
    expect(refused?.headers.get('upgrade')).toBe('TLS/1.2');
    expect(refused?.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(await refused?.json()).toEqual({
      error: {
        message: 'TLS 1.2 or newer is required.',
        type: 'invalid_request_error',
        param: null,
        code: 'tls_too_old',
      },
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3', '', undefined])('of version %s passes', (version) => {
    expect(refuseOldTls(version)).toBeUndefined();
  });
});
