import { describe, expect, it } from 'vitest';
import type { Answered } from '../src/app-parts.ts';
import { createTestApi } from './create-test-api.ts';
import { secrets } from './fake-services.ts';

const ask = async (options: Parameters<typeof createTestApi>[0] = {}): Promise<Answered | undefined> => {
  const seen: Answered[] = [];
  const api = createTestApi({ ...options, onAnswered: (answered) => seen.push(answered) });
  const headers = {
    authorization: `Bearer ${secrets.infer}`,
    'cf-connecting-ip': '203.0.113.7',
    'x-forwarded-for': '203.0.113.8',
  };
  await api.fetch('/v1/models?secret=1', { headers });
  expect(seen).toHaveLength(1);
  return seen[0];
};

describe('what is told of an answered request', () => {
  it('names its route and key, and believes no header about where it came from', async () => {
    expect(await ask()).toEqual({
      requestId: 'req_id1',
      method: 'GET',
      route: '/v1/models',
      status: 200,
      keyId: 'key-infer',
      elapsedMs: 0,
    });
  });

  it('names the client where the host says which header is true', async () => {
    const clientAddressOf = (header: (name: string) => string | undefined) => header('cf-connecting-ip');
    expect(await ask({ clientAddressOf })).toMatchObject({ clientAddress: '203.0.113.7' });
  });
});
