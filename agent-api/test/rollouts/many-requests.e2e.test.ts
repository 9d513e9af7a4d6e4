import { afterAll, beforeAll, expect, it } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { press } from './press.ts';
import { patience, RolloutHost, upstreamManifest } from './rollout-host.ts';

/** Of a run in CI; `SCARMONIT_TEST_REQUESTS=200000` asks more, for ten minutes or less. */
const wantedRequests = Number(process.env.SCARMONIT_TEST_REQUESTS ?? 20_000);
const rollouts = 10;
/** At 30 %, at 60 %, with all traffic, stable, and rolled back. */
const stages = 5;
const users = 400;
const model = 'pressed';

const host = new RolloutHost();
let upstream: FaultyUpstream;
beforeAll(async () => {
  upstream = await startFaultyUpstream();
  const rollout = { strategy: 'canary', steps: [30, 60], minBakeMinutes: 60 };
  await host.start(upstreamManifest(upstream.baseUrl, [{ name: model, goals: { maxErrorRate: 0.5 }, rollout }]));
});
afterAll(async () => {
  await host.close();
  await killHostProcesses();
  await upstream.close();
});

/**
 * Chernoff's bound on the chance that lots with this weight fall as unevenly as that, on either side.
 * @see https://en.wikipedia.org/wiki/Chernoff_bound#Additive_form_(absolute_error)
 */
function chanceOf(candidate: number, all: number, weight: number): number {
  const share = candidate / all;
  const term = (p: number, q: number): number => (p === 0 ? 0 : p * Math.log(p / q));
  return 2 * Math.exp(-all * (term(share, weight) + term(1 - share, 1 - weight)));
}

it('fails no request because of ten promotions and rollbacks, keeps to the weights, and never lets a key flap', {
  timeout: 900_000,
}, async () => {
  const pressure = press(host.url, model, 16, users);
  const settle = () => pressure.reach(pressure.answered + wantedRequests / rollouts / stages);
  for (let round = 0; round < rollouts; round += 1) {
    const id = await host.startRollout(model, { sticky: round % 2 === 0 ? 'none' : 'user' });
    await host.until(id, 'canary');
    for (const phase of ['canary', 'canary', 'bake', 'active']) {
      expect((await host.detail(id)).state.phase).toBe(phase);
      await settle();
      if (phase !== 'active') expect((await host.command(id, 'promote')).status).toBe(200);
    }
    expect((await host.command(id, 'rollback')).body.traffic).toMatchObject({ stable: '1.0.0', weight: 0 });
    await settle();
  }
  await pressure.stop();
  expect(pressure.failures).toEqual([]);
  expect(pressure.answered).toBeGreaterThanOrEqual(wantedRequests);

  // Records are written once a second.
  await expect.poll(() => count('predictions'), patience).toBe(pressure.answered);
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
  expect(count('predictions where sticky_key is not null')).toBeGreaterThan(wantedRequests / rollouts);
});

function count(what: string): number {
  return Number(host.query(`select count(*) as found from ${what}`)[0]?.found);
}
