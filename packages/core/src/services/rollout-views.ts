import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Arm, EventKind, RolloutFacts } from '../gates/facts.ts';
import type { ModelSpec } from '../manifest/manifest.ts';
import { readRolloutSettings } from '../manifest/read-rollout-settings.ts';
import type { Outcome, PredictionRepository } from '../ports/prediction-repository.ts';
import type { RolloutWithState } from '../ports/rollout-repository.ts';
import type { SeenTraffic } from '../rollouts/planner/forecast-gate.ts';
import { planRollout } from '../rollouts/planner/plan-rollout.ts';
import { readGates } from '../rollouts/read-gates.ts';
import { compilePlan, defaultRolloutSettings, type RolloutSettings } from '../rollouts/rollout-settings.ts';
import type { ArmCounts, PlannedRollout, RolloutDetail, RolloutFaceService } from './agent-services.ts';
import { type RolloutService, refuseDeprecated } from './manage-rollouts.ts';
import { gatherFacts, type ReconcilePorts } from './reconcile-rollout.ts';

export interface RolloutFacePorts extends ReconcilePorts {
  readonly service: RolloutService;
  readonly predictions: Pick<PredictionRepository, 'summarize'>;
  /** Makes a registered version live here. @returns false when there is none */
  ensureLive(model: string, version: string): Promise<boolean>;
  /** Called when a rollout has begun or was moved, so that it goes on at once. */
  wake(): void;
}

/** The use cases behind the API, the command line and the portal. */
export function createRolloutFace(ports: RolloutFacePorts): RolloutFaceService {
  const { service, rollouts, projectId, ids } = ports;
  return {
    start: async ({ model, to, settings: asked, by, reason }) => {
      const spec = findSpec(model, ports);
      const settings = settingsFor(spec, asked);
      refuseDeprecated(model, to, ports);
      const plan = compilePlan(settings, spec.goals, ids.next());
      // Until the rollout is written nothing says that its candidate is needed.
      const started = await ports.deployments.keepAll(async () => {
        await ports.ensureLive(model, to);
        return service.start({ model, to, plan, by, reason });
      });
      ports.wake();
      return describe(started, ports);
    },

    command: async (id, command, decision) => {
      const moved = await service.command(id, command, decision);
      ports.wake();
      return describe(moved, ports);
    },

    list: (page) => rollouts.listRollouts(projectId, page),

    show: async (id) => {
      const found = await rollouts.findRollout(projectId, id);
      if (found !== undefined) return describe(found, ports);
      throw new ScarmonitError('not_found', `There is no rollout '${id.slice(0, 64)}'.`, { code: 'rollout_not_found' });
    },

    plan: async ({ model, settings: asked, requestsPerMinute }) => {
      const spec = findSpec(model, ports);
      const settings = settingsFor(spec, asked);
      const seen = await seeTraffic(model, requestsPerMinute, ports);
      const steps = settings.strategy === 'blue-green' ? [] : settings.steps.map((percent) => percent / 100);
      const forecast = planRollout(spec.goals, seen.traffic, { ...settings, steps });
      return {
        settings,
        requestsPerMinute: seen.traffic.requestsPerMinute,
        trafficFrom: seen.from,
        forecast,
      };
    },

    history: async (model, page) => {
      const revisions = await rollouts.listTraffic(projectId, model, page);
      // A model that was taken out of the manifest keeps its history.
      if (revisions.length === 0) findSpec(model, ports);
      return revisions;
    },
  };
}

function findSpec(name: string, { deployments }: Pick<RolloutFacePorts, 'deployments'>): ModelSpec {
  const model = deployments.find(name);
  if (model !== undefined) return model.spec;
  throw new ScarmonitError('unknown_model', `There is no model '${name.slice(0, 64)}'.`, { code: 'model_not_found' });
}

function settingsFor(
  { rollout = defaultRolloutSettings }: ModelSpec,
  asked: Readonly<Record<string, unknown>>,
): RolloutSettings {
  return readRolloutSettings(asked, rollout);
}

async function describe({ rollout, state }: RolloutWithState, ports: RolloutFacePorts): Promise<RolloutDetail> {
  const { projectId, rollouts, pairs } = ports;
  const [[traffic], facts, shadowPairs, states] = await Promise.all([
    rollouts.listTraffic(projectId, rollout.model, { limit: 1 }),
    gatherFacts(rollout, ports),
    pairs.count(projectId, rollout.id),
    rollouts.listStates(projectId, rollout.id),
  ]);
  if (traffic === undefined) throw new Error(`The rollout ${rollout.id} has left no traffic in the store.`);
  return {
    rollout,
    state,
    traffic,
    readings: readGates(rollout, state, facts),
    counts: { stable: countArm('stable', facts), candidate: countArm('candidate', facts) },
    crashes: facts.crashes,
    shadowPairs,
    states,
  };
}

/**
 * Requests alone: keys of sticky assignment are another unit, and copies, which the candidate gets at a weight of 0, are
 * shown as pairs. Every request is exposed to errors.
 */
function countArm(arm: Arm, { exposures }: RolloutFacts): ArmCounts {
  const events: Partial<Record<EventKind, { exposed: number; happened: number }>> = {};
  for (const exposure of exposures) {
    if (exposure.arm !== arm || exposure.unit !== 'request') continue;
    if (arm === 'candidate' && exposure.weight === 0) continue;
    const { exposed, happened } = events[exposure.event] ?? { exposed: 0, happened: 0 };
    events[exposure.event] = { exposed: exposed + exposure.exposed, happened: happened + exposure.events };
  }
  return { requests: Math.max(0, ...Object.values(events).map(({ exposed }) => exposed)), events };
}

interface LatelySeen {
  readonly traffic: SeenTraffic;
  readonly from: PlannedRollout['trafficFrom'];
}

const minuteMs = 60_000;
const failures: ReadonlySet<Outcome> = new Set<Outcome>(['error', 'timeout']);

/** The busier of the last minutes and the last hour: a server that has just started has no hour behind it. */
async function seeTraffic(
  model: string,
  given: number | undefined,
  { predictions, projectId, clock }: RolloutFacePorts,
): Promise<LatelySeen> {
  const [hour, minutes] = await Promise.all(
    [60, 5].map(async (span) => {
      const rows = await predictions.summarize(projectId, clock.now() - span * minuteMs);
      const own = rows.filter((row) => row.model === model);
      const requests = own.reduce((sum, row) => sum + row.requests, 0);
      const failed = own.filter(({ outcome }) => failures.has(outcome)).reduce((sum, row) => sum + row.requests, 0);
      return { perMinute: requests / span, errorRate: requests === 0 ? 0 : failed / requests };
    }),
  );
  const rates = hour !== undefined && hour.errorRate > 0 ? { stableRates: { error: hour.errorRate } } : {};
  if (given !== undefined) return { traffic: { requestsPerMinute: given, ...rates }, from: 'given' };
  const [long, short] = [hour?.perMinute ?? 0, minutes?.perMinute ?? 0];
  return {
    traffic: { requestsPerMinute: Math.max(long, short), ...rates },
    from: short > long ? 'last-5-minutes' : 'last-hour',
  };
}
