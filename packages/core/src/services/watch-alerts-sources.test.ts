import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testManifest } from '../../test/manifest.ts';
import type { LiveModel } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import type { Maintenance } from '../manifest/manifest.ts';
import { dayMs, minuteMs } from '../metrics/windows.ts';
import type { ReceiptKind } from '../receipts/receipt.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { VersionState } from './agent-services.ts';
import { createKeySource, createScheduleSource, createVersionSource } from './watch-alerts-sources.ts';

const now = Date.UTC(2026, 0, 20);
const [spec] = testManifest({ chat: ['1.0.0', '1.1.0'] }).models;
if (spec === undefined) throw new Error('The manifest has a model.');

const trafficOf = (revision: number, more: Partial<Traffic> = {}): Traffic => ({
  model: 'chat',
  revision,
  stable: '1.0.0',
  weight: 0,
  shadow: 0,
  sticky: 'none',
  salt: '',
  decidedBy: 'manifest',
  reason: '',
  createdAt: now,
  ...more,
});
const supervisorOf = (state: VersionState, reason?: string) => ({ state, reason }) as VersionSupervisor;
const liveModel = (
  more: Partial<Pick<LiveModel, 'traffic' | 'versions'>> & { readonly maintenance?: Maintenance },
): LiveModel => {
  const { maintenance, traffic = trafficOf(1), versions = new Map() } = more;
  return {
    spec: { ...spec, ...(maintenance === undefined ? {} : { maintenance }) },
    createdAt: 0,
    traffic,
    versions,
  };
};

describe('versions that get traffic', () => {
  const read = async (stable: VersionSupervisor, candidate: VersionSupervisor, weight: number) => {
    const versions = new Map([
      ['1.0.0', stable],
      ['1.1.0', candidate],
    ]);
    const traffic = trafficOf(1, { candidate: '1.1.0', weight });
    const [reading] = await createVersionSource({ list: () => [liveModel({ traffic, versions })] }).read(now);
    return reading;
  };
  const ready = supervisorOf('ready');

  it('are missed when they are not ready, and those without traffic are not', async () => {
    expect(await read(ready, ready, 0.1)).toMatchObject({
      isTrue: false,
      summary: 'Version 1.0.0 and 1.1.0 is ready.',
    });
    expect(await read(ready, supervisorOf('failed', 'no such file'), 0)).toMatchObject({ isTrue: false });
    expect(await read(ready, supervisorOf('failed', 'no such file'), 0.1)).toMatchObject({
      isTrue: true,
      rule: { id: 'version-not-ready/chat/page', version: '1.1.0' },
      summary: 'Version 1.1.0, which gets traffic, is failed: no such file.',
      advice: expect.stringMatching(/^Roll back/),
    });
    expect(await read(supervisorOf('restarting', 'it crashed'), ready, 0.1)).toMatchObject({
      isTrue: true,
      rule: { version: '1.0.0', holdMs: minuteMs },
    });
  });

  it('may take a quarter of an hour to load', async () => {
    expect(await read(supervisorOf('loading'), ready, 0)).toMatchObject({ isTrue: true, holdMs: 15 * minuteMs });
  });
});

describe('keys with limits', () => {
  const key = { projectId: 'default', name: 'app', prefix: 'sk', sha256: '', scopes: ['infer' as const], createdAt: 0 };

  it('are read with their own hours, and the store is asked only where there is one', async () => {
    let asked = 0;
    const keys = [{ ...key, id: 'free' }];
    const source = createKeySource({
      listKeys: async () => keys,
      metrics: {
        listKeyHours: async () => {
          asked += 1;
          const counts = { errors: 0, tokens: 0, latencyMs: 0 };
          return [
            { keyId: 'other', startedAt: now, requests: 9_000, ...counts },
            { keyId: 'bound', startedAt: now, requests: 590, ...counts },
          ];
        },
      },
      clock: createFakeClock(now),
      projectId: 'default',
    });
    expect(await source.read(now)).toEqual([]);
    expect(asked).toBe(0);
    keys.push({ ...key, id: 'bound', ...{ requestsPerMinute: 10 } });
    expect(await source.read(now + minuteMs)).toMatchObject([{ isTrue: true, rule: { id: 'key-limit/bound/ticket' } }]);
    expect((await source.rules()).map(({ keyId }) => keyId)).toEqual(['bound']);
  });
});

describe('the schedule of models', () => {
  const maintenance = { nextUpdate: '2026-01-15', reviewEveryDays: 10 };
  /** @param history newest first */
  const firing = async (
    history: readonly Traffic[],
    reviewed?: { readonly kind: ReceiptKind; readonly at: number },
  ) => {
    const model = liveModel({ maintenance, traffic: history[0] ?? trafficOf(1) });
    const source = createScheduleSource({
      deployments: { list: () => [model, liveModel({})] },
      rollouts: { listTraffic: async () => history },
      receipts: {
        find: async (_, { kind }) =>
          kind === reviewed?.kind && reviewed !== undefined
            ? [
                {
                  kind: reviewed.kind,
                  model: 'chat',
                  version: '1.0.0',
                  versionDigest: '',
                  body: {},
                  projectId: 'default',
                  sequence: 1,
                  createdAt: reviewed.at,
                  previousHash: '',
                  hash: '',
                },
              ]
            : [],
      },
      projectId: 'default',
    });
    expect(await source.rules()).toHaveLength(3);
    return (await source.read(now)).flatMap(({ isTrue, rule }) => (isTrue ? [rule.id] : []));
  };
  const old = now - 60 * dayMs;

  it('goes by when the stable version changed, not by when its share did', async () => {
    const untouched = [trafficOf(2, { candidate: '1.1.0', weight: 0.5 }), trafficOf(1, { createdAt: old })];
    expect(await firing(untouched)).toEqual(['update-schedule/chat/overdue', 'review-schedule/chat/overdue']);
    const updated = [
      trafficOf(3, { stable: '1.1.0' }),
      trafficOf(2, { stable: '1.1.0', createdAt: now - 3 * dayMs }),
      trafficOf(1, { createdAt: old }),
    ];
    expect(await firing(updated)).toEqual([]);
  });

  it.each(['validation', 'assessment'] as const)('takes a receipt of a %s for a review', async (kind) => {
    const history = [trafficOf(1, { createdAt: old })];
    expect(await firing(history, { kind, at: now - dayMs })).toEqual(['update-schedule/chat/overdue']);
    expect(await firing(history, { kind, at: now - 11 * dayMs })).toHaveLength(2);
  });
});
