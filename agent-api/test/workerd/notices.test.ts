import { reset, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeploymentCoordinator } from '../../worker/deployment-coordinator.ts';
import type { Env } from '../../worker/env.ts';
import { createHandingNotifier } from '../../worker/notify.ts';

const bindings: Env = {
  ...(env as unknown as Env),
  AI: { run: async () => ({}) },
  API_KEY: 'sk-scarmonit-only-for-tests',
  ENCRYPTION_KEY: '0123456789abcdef',
  MIGRATE_AT_START: 'true',
  SCARMONIT_WEBHOOK_URL: 'https://hooks.example.com/webhook',
  SCARMONIT_WEBHOOK_SECRET: '0123456789abcdef0123456789abcdef',
};
const { DEPLOYMENT_COORDINATOR: namespace } = bindings;

let told: string[];
beforeEach(() => {
  told = [];
  vi.stubGlobal('fetch', async (...of: ConstructorParameters<typeof Request>) => {
    told.push((JSON.parse(await new Request(...of).text()) as { summary: string }).summary);
    return new Response('ok');
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await reset();
});

const notice = (summary: string, data: Notification['data']): Notification => ({
  id: summary,
  type: 'anomaly.begun',
  summary,
  data,
  createdAt: 0,
});

/** Hands a notice over as an isolate does, to the objects as the worker runs them. @returns the name of the object */
async function hand(given: Notification): Promise<string> {
  const names: string[] = [];
  const works: Promise<unknown>[] = [];
  const objects = {
    idFromName: (name: string) => {
      names.push(name);
      return namespace.idFromName(name);
    },
    get: (id: DurableObjectId) => ({
      deliver: (taken: Notification) =>
        runInDurableObject(namespace.get(id), (_, state) => new DeploymentCoordinator(state, bindings).deliver(taken)),
    }),
  } as unknown as typeof namespace;
  createHandingNotifier({ DEPLOYMENT_COORDINATOR: objects }, (work) => void works.push(work)).notify(given);
  await Promise.all(works);
  expect(names).toHaveLength(1);
  return names[0] ?? '';
}

describe('notices of an isolate', () => {
  it('go to the object of their model', async () => {
    expect(await hand(notice('of a model', { model: 'chat' }))).toBe('chat');
    await expect.poll(() => told).toEqual(['of a model']);
  });

  it('go to an object that no model has when they are about a key, which sleeps when they are delivered', async () => {
    const name = await hand(notice('of a key', { keyId: 'key-1' }));
    expect(name).not.toMatch(/^[a-z0-9]/);
    await expect.poll(() => told).toEqual(['of a key']);
    const alarm = () =>
      runInDurableObject(namespace.get(namespace.idFromName(name)), async (_, state) => {
        await new DeploymentCoordinator(state, bindings).alarm();
        return { next: await state.storage.getAlarm(), led: state.storage.kv.get('led-model') };
      });
    await expect.poll(alarm).toEqual({ next: null, led: undefined });
  });
});
