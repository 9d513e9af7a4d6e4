import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { press } from './press.ts';
import { eventually, RolloutHost, upstreamManifest } from './rollout-host.ts';
import type { StartableHost } from './startable-host.ts';

export interface Amount {
  /** At the least; it is shared out between the stages of all rollouts. */
  readonly requests: number;
  /** Promotions, each rolled back afterwards. */
  readonly rollouts: number;
}

/** At 30 %, at 60 %, with all traffic, stable, and rolled back. */
const stages = 5;
const users = 400;
const model = 'pressed';

/** What many clients see of promotions and rollbacks, whatever the host runs on. */
export function testManyRequests(name: string, { requests, rollouts }: Amount, createHost: () => StartableHost): void {
  describe(`rollouts on ${name}, under pressure`, () => {
    const host = new RolloutHost(createHost());
    let upstream: FaultyUpstream;
    beforeAll(async () => {
      upstream = await startFaultyUpstream();
      const rollout = { strategy: 'canary', steps: [30, 60], minBakeMinutes: 60 };
      await host.start(upstreamManifest(upstream.baseUrl, [{ name: model, goals: { maxErrorRate: 0.5 }, rollout }]));
    });
    afterAll(async () => {
      await host.close();
      await upstream.close();
    });

    const count = (what: string): number => Number(host.query(`select count(*) as found from ${what}`)[0]?.found);

    it('fail no request because of them, keep to the weights, and never let a key flap', {
      timeout: 900_000,
    }, async () => {
      const pressure = press(host, model, 16, users);
      /** Waits for a stage's share of requests by the traffic that is set now; records are written once a second. */
      const settle = async (id: string): Promise<void> => {
        const { revision } = (await host.detail(id)).traffic;
        const isByIt = `predictions where traffic_revision = ${revision}`;
        await eventually(() => expect(count(isByIt)).toBeGreaterThanOrEqual(requests / rollouts / stages));
      };
      for (let round = 0; round < rollouts; round += 1) {
        const id = await host.startRollout(model, { sticky: round % 2 === 0 ? 'none' : 'user' });
        await host.until(id, 'canary');
        for (const phase of ['canary', 'canary', 'bake', 'active']) {
          expect((await host.detail(id)).state.phase).toBe(phase);
          await settle(id);
          if (phase !== 'active') expect((await host.command(id, 'promote')).status).toBe(200);
        }
        expect((await host.command(id, 'rollback')).body.traffic).toMatchObject({ stable: '1.0.0', weight: 0 });
        await settle(id);
      }
      await pressure.stop();
      expect(pressure.failures).toEqual([]);
      expect(pressure.answered).toBeGreaterThanOrEqual(requests);

      await eventually(() => expect(count('predictions')).toBe(pressure.answered));
      expect(host.query(`select outcome from predictions where outcome <> 'ok'`)).toEqual([]);
      const lots = host.query(`
        select t.weight, t.revision, t.sticky, count(*) as requests, count(distinct p.sticky_key) as keys,
          sum(p.version = t.candidate) as candidate,
          count(distinct case when p.version = t.candidate then p.sticky_key end) as candidate_keys
        from predictions p join traffic_revisions t on t.model = p.model and t.revision = p.traffic_revision
        where t.candidate is not null group by t.revision`);
      const splits = lots.filter(({ weight }) => weight === 0.3 || weight === 0.6);
      expect(splits).toHaveLength(2 * rollouts);
      for (const { weight, sticky, requests, keys, candidate, candidate_keys } of splits) {
        // Under sticky assignment lots are drawn once a key.
        const [drawn, all] = sticky === 'none' ? [candidate, requests] : [candidate_keys, keys];
        expect(chanceOf(Number(drawn), Number(all), Number(weight))).toBeGreaterThan(1e-6);
      }
      for (const { weight, requests, candidate } of lots) {
        if (weight === 0 || weight === 1) expect(candidate).toBe(weight === 0 ? 0 : requests);
      }

      const flapping = host.query(`
        select sticky_key from predictions where sticky_key is not null and traffic_revision is not null
        group by traffic_revision, sticky_key having count(distinct version) > 1`);
      expect(flapping).toEqual([]);
      const takenBack = host.query(`
        with seen as (
          select distinct p.rollout_id, p.sticky_key, t.weight, p.version = t.candidate as on_candidate
          from predictions p join traffic_revisions t on t.model = p.model and t.revision = p.traffic_revision
          where p.sticky_key is not null and t.weight in (0.3, 0.6)
        )
        select * from seen early join seen late using (rollout_id, sticky_key)
        where early.weight = 0.3 and early.on_candidate and late.weight = 0.6 and not late.on_candidate`);
      expect(takenBack).toEqual([]);
      // Every other rollout draws lots over keys, in three of its stages.
      expect(count('predictions where sticky_key is not null')).toBeGreaterThan(requests / 5);
    });
  });
}

/**
 * Chernoff's bound on the chance that lots with this weight fall as unevenly as that, on either side.
 * @see https://en.wikipedia.org/wiki/Chernoff_bound#Additive_form_(absolute_error)
 */
function chanceOf(candidate: number, all: number, weight: number): number {
  const share = candidate / all;
  const term = (p: number, q: number): number => (p === 0 ? 0 : p * Math.log(p / q));
  return 2 * Math.exp(-all * (term(share, weight) + term(1 - share, 1 - weight)));
}
