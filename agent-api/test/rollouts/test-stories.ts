import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { keepAsking } from './keep-asking.ts';
import { RolloutHost, type TestModel, upstreamManifest } from './rollout-host.ts';
import type { StartableHost } from './startable-host.ts';
import type { HostDifferences, Stories } from './stories.ts';
import { blueGreenModels, testBlueGreen } from './test-blue-green.ts';
import { canaryModels, testCanary } from './test-canary.ts';
import { interruptedModels, testInterruptions } from './test-interruptions.ts';
import { peopleModels, testPeople } from './test-people.ts';
import { testRecords } from './test-records.ts';
import { registeredModels, testRegistered } from './test-registered.ts';
import { suddenModels, testSuddenFailure } from './test-sudden-failure.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** A model for each story: none has the past of another, so they run side by side. */
const models: readonly TestModel[] = [
  { name: 'declared', goals: { maxErrorRate: 0.05 }, rollout: { strategy: 'canary', steps: [50], minBakeMinutes: 10 } },
  ...canaryModels,
  ...interruptedModels,
  ...blueGreenModels,
  ...peopleModels,
  ...registeredModels,
  ...suddenModels,
];

const timeout = 240_000;

/** Rollouts as clients, people and their systems see them, whatever they run on; the faults are an upstream's. */
export function testStories(
  name: string,
  differences: HostDifferences,
  createHost: (env: Readonly<Record<string, string>>) => StartableHost,
): void {
  describe(`rollouts on ${name}`, { timeout }, () => {
    let host: RolloutHost | undefined;
    let upstream: FaultyUpstream | undefined;
    let receiver: WebhookReceiver | undefined;
    const stories: Stories = {
      differences,
      host: () => started(host),
      upstream: () => started(upstream),
      told: () => started(receiver).told,
      ask: ({ onTestFinished }, model, clients, onEnding) => {
        const traffic = keepAsking(started(host), model, clients, onEnding);
        onTestFinished(() => traffic.stop());
        return traffic;
      },
    };
    beforeAll(async () => {
      [upstream, receiver] = await Promise.all([startFaultyUpstream(), startWebhookReceiver()]);
      host = new RolloutHost(createHost(receiver.env));
      await host.start(upstreamManifest(upstream.baseUrl, models));
    });
    afterAll(async () => {
      await host?.close();
      await Promise.all([upstream?.close(), receiver?.close()]);
    });

    it('begin when the manifest names another stable version', async () => {
      const changed = upstreamManifest(stories.upstream().baseUrl, models).replace(
        '"stable":"1.0.0"',
        '"stable":"1.1.0"',
      );
      const { body } = await stories.host().ask<{ rollouts: string[] }>('admin/manifest', JSON.parse(changed), 'PUT');
      expect(body.rollouts).toEqual([expect.stringMatching(/^declared: 1\.0\.0 → 1\.1\.0 /)]);
      const { data } = (await stories.host().ask<{ data: RolloutDetailView[] }>('admin/rollouts?model=declared')).body;
      expect(data).toMatchObject([{ createdBy: 'manifest' }]);
      expect((await stories.host().command(data[0]?.id ?? '', 'abort')).body.state.phase).toBe('aborted');
    });

    describe.concurrent('side by side', { timeout }, () => {
      testCanary(stories);
      testInterruptions(stories);
      testBlueGreen(stories);
      testPeople(stories);
      testRegistered(stories);
    });

    describe('afterwards', { timeout }, () => {
      testSuddenFailure(stories);
      testRecords(stories);
    });
  });
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The host has not started.');
  return part;
}
