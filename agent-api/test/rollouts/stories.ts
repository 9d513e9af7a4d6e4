import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { expect, type TestContext } from 'vitest';
import type { Ending } from '../loop-clients.ts';
import type { FaultyUpstream } from './faulty-upstream.ts';
import type { Traffic } from './keep-asking.ts';
import { eventually, type RolloutHost } from './rollout-host.ts';
import type { Told } from './webhook-receiver.ts';

/** Where hosts may differ. What is not listed here is the same on all of them. */
export interface HostDifferences {
  /**
   * For how long after a decision requests may still go by the traffic before it. One process knows at once; isolates of
   * Workers know nothing of each other, and read the store.
   */
  readonly staleMs: number;
  /** From the end of the request that decides until the decision is in force, on a machine that does a lot besides. */
  readonly decidesWithinMs: number;
}

/** What the stories get; filled before the first of them. */
export interface Stories {
  readonly differences: HostDifferences;
  host(): RolloutHost;
  upstream(): FaultyUpstream;
  /** By the webhook. */
  told(): readonly Told[];
  /** Clients that ask a model until the story ends. */
  ask(
    story: Pick<TestContext, 'onTestFinished'>,
    model: string,
    clients: number,
    onEnding?: (ending: Ending) => Promise<void>,
  ): Traffic;
}

/** Waits until the old version has everything again by the gates' decision. */
export async function expectRolledBack(host: RolloutHost, id: string, because: string): Promise<RolloutDetailView> {
  const detail = await host.until(id, 'rolled-back');
  expect(detail.state).toMatchObject({ decidedBy: 'gate', reason: expect.stringContaining(because) });
  expect(detail.traffic).toMatchObject({ stable: '1.0.0', candidate: null, weight: 0 });
  return detail;
}

/** Ends the traffic: every request of it that failed was the candidate's. */
export async function expectOnlyCandidateFailed(host: RolloutHost, model: string, traffic: Traffic): Promise<void> {
  await traffic.stop();
  const failures = failuresOf(traffic);
  expect(failures.filter(({ detail }) => !detail.includes('The upstream failed with status 500.'))).toEqual([]);
  await eventually(() => expect(host.failures(model)).toEqual({ '1.1.0': failures.length }));
}

/** What clients did not get whole. */
export function failuresOf(traffic: Traffic): readonly Ending[] {
  return traffic.endings.filter(({ how }) => how !== 'whole');
}

/** Waits until so many answers in a row, of all clients, are one version's. */
export async function untilAllBy(version: string, traffic: Traffic): Promise<void> {
  const newest = () => new Set(traffic.endings.slice(-32).map((ending) => ending.version));
  await eventually(() => expect(newest()).toEqual(new Set([version])));
}
