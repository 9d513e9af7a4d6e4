// needs: prometheus
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const dashboard = join(import.meta.dirname, '../docs/grafana/scarmonit.json');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-dashboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Prometheus's own parser reads queries where they stand as rules. @throws when it cannot read one */
function check(queries: readonly string[]): string {
  const rules = queries.map((expr, index) => ({ record: `query:number_${index}`, expr }));
  const file = join(folder, 'rules.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  return execFileSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8', stdio: 'pipe' });
}

it("is read by Prometheus's own parser, query by query", () => {
  const { panels } = JSON.parse(readFileSync(dashboard, 'utf8')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  // As Grafana fills them in.
  const queries = panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$model', '.*')),
  );
  expect(check(queries)).toContain(`${queries.length} rules found`);
});

it('would not be read with a mistake in it', () => {
  expect(() => check(['sum(rate(scarmonit_requests_total[1m])'])).toThrow(/unclosed left parenthesis/);
});
