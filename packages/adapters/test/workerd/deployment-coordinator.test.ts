import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrafficSender } from '../../src/cloudflare/durable-object/traffic-sender.ts';
import { bindings } from './bindings.ts';

const { DEPLOYMENT_COORDINATOR: namespace } = bindings;
const coordinator = () => namespace.get(namespace.idFromName('support-chat'));

const prediction = testPrediction({ model: 'support-chat', latencyMs: 10, costUsd: 0.5 });
const ok = {
  version: '1.0.0',
  outcome: 'ok',
  requests: 1,
  inputTokens: 3,
  outputTokens: 5,
  latencyMsSum: 10,
  costUsd: 0.5,
};
const noErrors = (error: unknown): void => {
  throw error;
};

describe('the deployment coordinator', () => {
  afterEach(() => reset());

  it('sums what isolates count, by version and outcome', async () => {
    for (const isolateId of ['a', 'b']) {
      const sender = createTrafficSender({ namespace, isolateId, onError: noErrors });
      sender.count(prediction);
      sender.count({ ...prediction, outcome: 'error', outputTokens: 0, costUsd: 0 });
      await sender.flush();
      sender.count(prediction);
      await sender.flush();
      await sender.flush();
    }
    expect(await coordinator().read()).toEqual([
      { ...ok, outcome: 'error', requests: 2, inputTokens: 6, outputTokens: 0, latencyMsSum: 20, costUsd: 0 },
      { ...ok, requests: 4, inputTokens: 12, outputTokens: 20, latencyMsSum: 40, costUsd: 2 },
    ]);
  });

  it('counts a parcel once, however often it arrives, also after a restart', async () => {
    const parcel = { isolateId: 'a', sequence: 1, deltas: [ok] };
    await Promise.all([coordinator().fold(parcel), coordinator().fold(parcel)]);
    await evictDurableObject(coordinator());
    await coordinator().fold(parcel);
    expect(await coordinator().read()).toEqual([ok]);
  });

  it('gets a parcel again, under its number, that was taken but not answered', async () => {
    let losing = true;
    const flaky = {
      idFromName: (name: string) => namespace.idFromName(name),
      get: () => ({
        fold: async (parcel: Parameters<ReturnType<typeof coordinator>['fold']>[0]) => {
          await coordinator().fold(parcel);
          if (losing) throw new Error('the connection was lost');
        },
      }),
    } as unknown as typeof namespace;
    const errors: unknown[] = [];
    const sender = createTrafficSender({ namespace: flaky, isolateId: 'a', onError: (error) => errors.push(error) });
    sender.count(prediction);
    await sender.flush();
    losing = false;
    sender.count(prediction);
    await sender.flush();
    await sender.flush();
    expect(errors).toHaveLength(1);
    expect(await coordinator().read()).toEqual([
      { ...ok, requests: 2, inputTokens: 6, outputTokens: 10, latencyMsSum: 20, costUsd: 1 },
    ]);
  });

  it('forgets isolates by alarm, and keeps the sums', async () => {
    await coordinator().fold({ isolateId: 'a', sequence: 1, deltas: [ok] });
    expect(await runDurableObjectAlarm(coordinator())).toBe(true);
    expect(await coordinator().read()).toEqual([ok]);
  });

  it('leads the rollouts of its model round after round, also after a failure and a restart, until none is open', async () => {
    const rounds: string[] = [];
    const answers = [true, new Error('The store is away.'), true, false];
    const play = () =>
      runInDurableObject(coordinator(), (object) => {
        Object.assign(object, {
          runRound: async (model: string) => {
            rounds.push(model);
            const answer = answers[rounds.length - 1];
            if (answer instanceof Error) throw answer;
            return answer;
          },
        });
      });
    await play();
    await coordinator().lead('support-chat');
    // The first is due at once, and may have run by itself.
    await runDurableObjectAlarm(coordinator());
    await expect.poll(() => rounds.length).toBeGreaterThan(0);
    while (rounds.length < 2) await runDurableObjectAlarm(coordinator());
    await evictDurableObject(coordinator());
    await play();
    while (rounds.length < 4) await runDurableObjectAlarm(coordinator());
    expect(rounds).toEqual(Array(4).fill('support-chat'));
    expect(await runDurableObjectAlarm(coordinator())).toBe(false);
  });

  it('goes on leading when it is asked to during its last round', async () => {
    let rounds = 0;
    await runInDurableObject(coordinator(), (object) => {
      const runRound = async (model: string) => {
        rounds += 1;
        if (rounds === 1) await object.lead(model);
        return false;
      };
      Object.assign(object, { runRound });
    });
    await coordinator().lead('support-chat');
    await runDurableObjectAlarm(coordinator());
    await expect.poll(() => rounds).toBe(2);
  });

  it('waits longer after each round that fails, but never for long, and not at all after one that succeeds', async () => {
    let failing = true;
    await runInDurableObject(coordinator(), (object) => {
      const runRound = async () => {
        if (failing) throw new Error('The store is away.');
        return true;
      };
      Object.assign(object, { runRound });
    });
    const nextInSeconds = () =>
      runInDurableObject(coordinator(), async (object, state) => {
        await state.storage.deleteAlarm();
        state.storage.kv.put('led-model', 'support-chat');
        await object.alarm();
        return Math.round(((await state.storage.getAlarm()) ?? Number.NaN) / 1_000 - Date.now() / 1_000);
      });
    const waits: number[] = [];
    while (waits.length < 6) waits.push(await nextInSeconds());
    expect(waits).toEqual([2, 4, 8, 15, 15, 15]);
    failing = false;
    expect(await nextInSeconds()).toBe(1);
  });
});
