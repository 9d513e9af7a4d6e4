import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { minuteMs } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { MetricsRepository } from '../ports/metrics-repository.ts';
import type { EngineStats } from '../ports/model-runtime.ts';
import { describeDeployments } from './describe-deployments.ts';
import { describeProcesses, type ProcessFigures } from './describe-processes.ts';
import { describeRequests } from './describe-requests.ts';
import { keepFromFalling } from './keep-from-falling.ts';
import { type MetricFamily, toFamily } from './metric-family.ts';
import { TotalsReader } from './read-totals.ts';

/** The figures of the whole server, for systems that collect them. */
export interface ExpositionService {
  /** Every family there is, also those without a value yet. Calls that come within a second share one look. */
  collect(): Promise<readonly MetricFamily[]>;
}

export interface ExpositionPorts {
  readonly metrics: Pick<MetricsRepository, 'list' | 'countUsers'>;
  readonly deployments: Pick<Deployments, 'list'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'schedule'>;
  readonly projectId: string;
  readonly host: 'node' | 'cloudflare';
  /** Of the processes that answer requests, where a host has such. */
  readonly measureProcesses?: () => Promise<readonly ProcessFigures[]>;
}

const sharedForMs = 1_000;
/** An engine that does not answer by then is left out. */
const patienceMs = 1_000;
const activeWindows = [
  ['5m', 5 * minuteMs],
  ['24h', 24 * 60 * minuteMs],
] as const;

export function createExpositionService(ports: ExpositionPorts): ExpositionService {
  const { metrics, deployments, clock, projectId, host } = ports;
  const keepRequests = keepFromFalling();
  const totals = new TotalsReader(metrics, projectId);
  let last: { readonly at: number; readonly families: Promise<readonly MetricFamily[]> } | undefined;

  const describeStored = async (): Promise<readonly MetricFamily[]> => {
    const now = clock.now();
    const [rows, ...users] = await Promise.all([
      totals.read(now),
      ...activeWindows.map(([, lengthMs]) => metrics.countUsers(projectId, now - lengthMs)),
    ]);
    const active = activeWindows.flatMap(([window], place) =>
      deployments
        .list()
        .map(({ spec: { name: model } }) => [{ model, window }, users[place]?.get(model) ?? 0] as const),
    );
    return [
      ...keepRequests(describeRequests(rows)),
      toFamily('scarmonit_active_users', 'gauge', 'Distinct end users who were served lately.', active),
    ];
  };

  const describeLive = async (processes: readonly ProcessFigures[]): Promise<readonly MetricFamily[]> => {
    const models = deployments.list();
    const stats = addUpstreams(await readStats(models, clock), processes);
    return describeDeployments(models, (model, version) => stats.get(`${model}@${version}`));
  };

  const collect = async (): Promise<readonly MetricFamily[]> => {
    const [stored, processes] = await Promise.all([describeStored(), ports.measureProcesses?.()]);
    const live = await describeLive(processes ?? []);
    return [
      toFamily('scarmonit_host_info', 'gauge', 'Always 1; its label tells the host: node or cloudflare.', [
        [{ host }, 1],
      ]),
      ...stored,
      ...live,
      ...(processes === undefined ? [] : describeProcesses(processes)),
    ];
  };

  return {
    collect() {
      const at = clock.monotonicMs();
      if (last === undefined || at - last.at >= sharedForMs) {
        const families = collect();
        last = { at, families };
        // What failed is not shared: the next call looks again.
        families.catch(() => {
          last = undefined;
        });
      }
      return last.families;
    },
  };
}

/** Adds what other processes have in flight to what this one has. */
function addUpstreams(
  own: ReadonlyMap<string, EngineStats>,
  processes: readonly ProcessFigures[],
): ReadonlyMap<string, EngineStats> {
  const all = new Map(own);
  for (const { model, version, running, slots } of processes.flatMap(({ upstreams = [] }) => upstreams)) {
    const stats = all.get(`${model}@${version}`);
    if (stats === undefined) continue;
    all.set(`${model}@${version}`, { ...stats, running: stats.running + running, slots: stats.slots + slots });
  }
  return all;
}

/** By `model@version`, of those that answer in time. */
async function readStats(
  models: readonly LiveModel[],
  clock: Pick<Clock, 'schedule'>,
): Promise<ReadonlyMap<string, EngineStats>> {
  const found = new Map<string, EngineStats>();
  const asked = models.flatMap(({ spec, versions }) =>
    [...versions].map(async ([version, supervisor]) => {
      const stats = await supervisor.loaded?.stats().catch(() => undefined);
      if (stats !== undefined) found.set(`${spec.name}@${version}`, stats);
    }),
  );
  let cancel = (): void => undefined;
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.schedule(patienceMs, resolve);
  });
  await Promise.race([Promise.all(asked), timeout]);
  cancel();
  return new Map(found);
}
