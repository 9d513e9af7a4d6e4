import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedFiles, breaches } from './layer-breaches.ts';
import { findBinary, root } from './run-binary.ts';

interface Finding {
  readonly path: string;
  /** Which rule, and what it says. */
  readonly text: string;
}

interface KnipIssue {
  readonly file: string;
  readonly files: readonly unknown[];
  readonly exports: readonly unknown[];
  readonly dependencies: readonly unknown[];
}

interface BiomeConfiguration {
  readonly overrides: readonly {
    readonly linter?: {
      readonly rules?: {
        readonly style?: {
          readonly noRestrictedImports?: { readonly options?: { readonly patterns?: readonly { message: string }[] } };
        };
      };
    };
  }[];
}

/** A folder with the repo's real configuration and, instead of its code, the planted files. */
let folder: string;
let lint: readonly Finding[];
let types: readonly Finding[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-layers-'));
  const configuration = [
    '.gitignore',
    '{,agent-api/,cli/,packages/*/,web-portal/}package.json',
    '{,agent-api/,cli/,packages/*/}tsconfig*.json',
    'biome.json',
    'knip.json',
    'tools/biome-plugins/*.grit',
    'packages/core/src/web-standards.d.ts',
  ];
  for (const path of globSync(configuration, { cwd: root })) cpSync(join(root, path), join(folder, path));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { path, source } of [...breaches, ...allowedFiles]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  lint = runBiome();
  types = ['core', 'store', 'protocol', 'client', 'server'].flatMap(runTypeScript);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a planted breach is reported', () => {
  it.each(breaches)('$rule', ({ path, reportedBy }) => {
    const [findings, wanted] = 'biome' in reportedBy ? [lint, reportedBy.biome] : [types, reportedBy.tsc];
    const found = findings.filter((finding) => finding.path === path).map(({ text }) => text);
    expect(found).toContainEqual(expect.stringContaining(wanted));
  });

  it('when nothing uses a file, an export or a dependency (knip)', () => {
    const { stdout } = runTool('knip', ['--no-progress', '--reporter', 'json']);
    const report: { readonly issues: readonly KnipIssue[] } = JSON.parse(stdout);
    const issues = new Map(report.issues.map((issue) => [issue.file, issue]));
    expect(issues.get('cli/src/proof-store.ts')?.files).toHaveLength(1);
    expect(issues.get('packages/core/src/proof/random.ts')?.exports).toMatchObject([{ name: 'toss' }]);
    expect(issues.get('packages/adapters/package.json')?.dependencies).toContainEqual(
      expect.objectContaining({ name: 'node-llama-cpp' }),
    );
  });
});

describe('the proof itself', () => {
  it('holds nothing against files that break no rule', () => {
    const allowed = new Set(allowedFiles.map(({ path }) => path));
    expect([...lint, ...types].filter(({ path }) => allowed.has(path))).toEqual([]);
  });

  it('breaks each restriction of imports that biome.json states', () => {
    const { overrides }: BiomeConfiguration = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    const stated = overrides.flatMap(
      ({ linter }) => linter?.rules?.style?.noRestrictedImports?.options?.patterns?.map(({ message }) => message) ?? [],
    );
    const said = lint.map(({ text }) => text).join('\n');
    expect(stated.length).toBeGreaterThanOrEqual(10);
    for (const message of stated) expect(said).toContain(message);
  });
});

function runBiome(): readonly Finding[] {
  const { stdout } = runTool('biome', ['lint', '--reporter=json', '--max-diagnostics=none']);
  const report: {
    readonly diagnostics: readonly {
      category: string;
      message: string;
      advices?: unknown;
      location: { path: string };
    }[];
  } = JSON.parse(stdout);
  return report.diagnostics.map(({ category, message, advices, location }) => ({
    path: location.path,
    text: `${category}: ${message} ${JSON.stringify(advices ?? [])}`,
  }));
}

function runTypeScript(layer: string): readonly Finding[] {
  const project = `packages/${layer}/tsconfig.layer.json`;
  const { stdout } = runTool('tsc', ['-p', project, '--pretty', 'false']);
  return [...stdout.matchAll(/^(.+?)\(\d+,\d+\): error (.*)$/gm)].map(([, path = '', text = '']) => ({ path, text }));
}

function runTool(name: string, args: readonly string[]): { readonly stdout: string } {
  const { stdout, error } = spawnSync(process.execPath, [findBinary(name), ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  return { stdout };
}
