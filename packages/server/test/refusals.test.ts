import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { RefusalReason } from '@scarmonit/core/metrics/refusals';
import type { InferenceService } from '@scarmonit/core/services/agent-services';
import { expect, it } from 'vitest';
import { createTestApi, type TestApi } from './create-test-api.ts';
import { secrets } from './fake-services.ts';

const chat = { model: 'chat-model', messages: [{ role: 'user', content: 'Hi' }] };

/** @returns what the host is told of */
function open(inference?: InferenceService) {
  const told: RefusalReason[] = [];
  const onRefused = (reason: RefusalReason): void => void told.push(reason);
  return { told, api: createTestApi({ maxBodyBytes: 500, onRefused }, inference) };
}

const send = (api: TestApi, body: unknown, secret?: string) =>
  api.post('/v1/chat/completions', body, secret === undefined ? {} : { authorization: `Bearer ${secret}` });

it('tells nobody of a request that was answered', async () => {
  const { api, told } = open();
  expect((await send(api, chat)).status).toBe(200);
  expect(told).toEqual([]);
});

it('tells why a request reached no version, once each', async () => {
  const { api, told } = open();
  const statuses = [
    await send(api, chat, 'sk-wrong'),
    await send(api, chat, secrets.read),
    await send(api, '{"model":'),
    await send(api, { ...chat, model: 7 }),
    await send(api, { ...chat, user: 'x'.repeat(500) }),
    await send(api, { ...chat, model: 'nobody' }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 403, 400, 400, 413, 404]);
  expect(told).toEqual([
    'unauthenticated',
    'forbidden',
    'invalid_request',
    'invalid_request',
    'payload_too_large',
    'unknown_model',
  ]);
});

it('tells of a key whose allowance is used up', async () => {
  const { api, told } = open();
  const requests = { limit: 1, remaining: 0, resetMs: 900 };
  api.state.limits = { allowed: false, retryAfterMs: 900, requests };
  expect((await send(api, chat)).status).toBe(429);
  expect(told).toEqual(['rate_limited']);
});

it.each(['invalid_request', 'unsupported', 'rate_limited', 'overloaded', 'engine_failure'] as const)(
  'leaves %s of a version to the record that it has',
  async (kind) => {
    const { api, told } = open({
      serve: async () => {
        throw new ScarmonitError(kind, 'not so');
      },
      defaultModel: () => 'chat-model',
    });
    expect((await send(api, chat)).status).toBeGreaterThanOrEqual(400);
    expect(told).toEqual([]);
  },
);

it('tells nobody of refusals elsewhere than where models are asked', async () => {
  const { api, told } = open();
  expect((await api.fetch('/api/admin/keys')).status).toBe(401);
  expect((await api.fetch('/nowhere')).status).toBe(404);
  expect(told).toEqual([]);
});
