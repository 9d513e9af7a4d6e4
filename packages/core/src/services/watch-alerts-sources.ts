import type { AlertSource } from '../alerts/alert-source.ts';
import { type DiskSpace, diskRules, readDisk } from '../alerts/disk-rule.ts';
import { isLimited, keyRuleOf, readKey } from '../alerts/key-rule.ts';
import { type LastCare, readSchedule, scheduleRulesOf } from '../alerts/schedule-rules.ts';
import { readVersions, versionRuleOf } from '../alerts/version-rule.ts';
import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { floorTo, hourMs, minuteMs } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { MetricsRepository } from '../ports/metrics-repository.ts';
import type { ReceiptRepository, RolloutRepository } from '../ports/rollout-repository.ts';

/** Whether what gets traffic can answer. */
export function createVersionSource(deployments: Pick<Deployments, 'list'>): AlertSource {
  return {
    rules: async () => deployments.list().map(({ spec }) => versionRuleOf(spec.name)),
    read: async () => deployments.list().map(readVersions),
  };
}

/** @param readSpace of the file system that the data directory is on */
export function createDiskSource(readSpace: () => Promise<DiskSpace>): AlertSource {
  return { rules: async () => diskRules, read: async () => readDisk(await readSpace()) };
}

export interface KeySourceParts {
  listKeys(): Promise<readonly ApiKey[]>;
  readonly metrics: Pick<MetricsRepository, 'listKeyHours'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly projectId: string;
}

/** Whether keys run into their limits. */
export function createKeySource({ listKeys, metrics, clock, projectId }: KeySourceParts): AlertSource {
  const limitedKeys = async (now: number): Promise<readonly ApiKey[]> =>
    (await listKeys()).filter((key) => isLimited(key, now));
  return {
    rules: async () => (await limitedKeys(clock.now())).map(keyRuleOf),
    async read(now) {
      const keys = await limitedKeys(now);
      if (keys.length === 0) return [];
      const hours = Map.groupBy(
        await metrics.listKeyHours(projectId, floorTo(now, hourMs) - hourMs),
        ({ keyId }) => keyId,
      );
      return keys.map((key) => readKey(key, hours.get(key.id) ?? [], now));
    },
  };
}

export interface ScheduleSourceParts {
  readonly deployments: Pick<Deployments, 'list'>;
  readonly rollouts: Pick<RolloutRepository, 'listTraffic'>;
  readonly receipts: Pick<ReceiptRepository, 'find'>;
  readonly projectId: string;
}

/** How long it takes until care that was taken ends an alert. */
const careKeptMs = minuteMs;

/** Whether models are looked after as `maintenance` says. */
export function createScheduleSource(parts: ScheduleSourceParts): AlertSource {
  const { deployments } = parts;
  const scheduled = (): readonly LiveModel[] =>
    deployments.list().filter(({ spec }) => scheduleRulesOf(spec).length > 0);
  let cares = new Map<string, LastCare>();
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    rules: async () => scheduled().flatMap(({ spec }) => scheduleRulesOf(spec)),
    async read(now) {
      const models = scheduled();
      if (now - readAt >= careKeptMs || models.some(({ spec }) => !cares.has(spec.name))) {
        cares = new Map(
          await Promise.all(models.map(async (model) => [model.spec.name, await findCare(model, parts)] as const)),
        );
        readAt = now;
      }
      return models.flatMap(({ spec }) => {
        const care = cares.get(spec.name);
        return care === undefined ? [] : readSchedule(spec, care, now);
      });
    },
  };
}

/** A stable version that has served for longer than these revisions of traffic is old enough. */
const mostRevisions = 200;

async function findCare(
  { spec: { name: model }, traffic: { stable: version, createdAt } }: LiveModel,
  { rollouts, receipts, projectId }: ScheduleSourceParts,
): Promise<LastCare> {
  const [history, ...reviews] = await Promise.all([
    rollouts.listTraffic(projectId, model, { limit: mostRevisions }),
    ...(['validation', 'assessment'] as const).map((kind) =>
      receipts.find(projectId, { model, version, kind, limit: 1 }),
    ),
  ]);
  const before = history.findIndex(({ stable }) => stable !== version);
  const since = history[before === -1 ? history.length - 1 : before - 1]?.createdAt ?? createdAt;
  const reviewedAt = Math.max(0, ...reviews.flat().map((receipt) => receipt.createdAt));
  return { updatedAt: since, ...(reviewedAt === 0 ? {} : { reviewedAt }) };
}
