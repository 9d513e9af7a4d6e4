import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';

describe('health', () => {
  it('says that the process answers', async () => {
    const response = await createTestApi().fetch('/healthz');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('answers HEAD without a body', async () => {
    const response = await createTestApi().fetch('/healthz', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('says whether it can serve, and why not', async () => {
    const api = createTestApi();
    const ready = await api.fetch('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', reasons: [] }]);
    api.state.ready = false;
    const loading = await api.fetch('/readyz');
    expect(loading.status).toBe(503);
    expect(await loading.json()).toEqual({ status: 'not_ready', reasons: ['chat-model is loading'] });
  });
});
