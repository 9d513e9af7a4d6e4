import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createExpositionService } from '../packages/core/src/telemetry/expose-metrics.ts';
import type { MetricFamily } from '../packages/core/src/telemetry/metric-family.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every family that a host can show; none has a value here. */
let families: readonly MetricFamily[];
beforeAll(async () => {
  const exposition = createExpositionService({
    clock: { now: () => 0, monotonicMs: () => 0, schedule: () => () => undefined },
    projectId: 'default',
    host: 'node',
    deployments: { list: () => [] },
    metrics: { list: async () => [], countUsers: async () => new Map() },
    measureProcesses: async () => [],
  });
  families = await exposition.collect();
});

/** The names of the series that a family has. */
function seriesOf({ name, type }: MetricFamily): readonly string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return [type === 'counter' ? `${name}_total` : name];
}

describe('docs/reference/metrics.md', () => {
  it('names every family with its type, and no other', () => {
    const documented = [...read('docs/reference/metrics.md').matchAll(/^\| `(scarmonit_\w+)` \| (\w+) \|/gm)];
    const exposed = families.map(({ name, type }) => `${type === 'counter' ? `${name}_total` : name} ${type}`);
    expect(documented.map(([, name, type]) => `${name} ${type}`).sort()).toEqual(exposed.sort());
  });
});

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

describe('docs/grafana/scarmonit.json', () => {
  const dashboard = JSON.parse(read('docs/grafana/scarmonit.json')) as {
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  };
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it('asks only for series that are exposed', () => {
    const asked = [...queries, ...dashboard.templating.list.map(({ definition = '' }) => definition)]
      .flatMap((text) => [...text.matchAll(/\bscarmonit_\w+/g)])
      .map(([name]) => name);
    const exposed = new Set(families.flatMap(seriesOf));
    expect(asked.filter((name) => !exposed.has(name))).toEqual([]);
    expect(new Set(asked).size).toBeGreaterThan(15);
  });

  it('shows what every dashboard of it needs to: each panel has a query, and its own title', () => {
    const shown = dashboard.panels.filter(({ targets }) => targets !== undefined);
    expect(shown.filter(({ targets = [] }) => targets.length === 0)).toEqual([]);
    expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length);
  });
});
