/** One planted breach of a rule of this repo, and what must be said about it. */
export interface Breach {
  /** The rule, as a sentence that the test prints. */
  readonly rule: string;
  /** Where the file is planted, from the root. */
  readonly path: string;
  readonly source: string;
  /** The tool that must object, and how: a Biome rule or plugin message, or a TypeScript error code. */
  readonly reportedBy: { readonly biome: string } | { readonly tsc: string };
}

const restrictedImport = { biome: 'lint/style/noRestrictedImports' };
const imports = (specifier: string): string =>
  `import { anything } from '${specifier}';\n\nexport const held = anything;\n`;
/** A file that breaks a rule by what it imports. */
const importing = (path: string, specifier: string, rule: string): Breach => ({
  rule,
  path,
  source: imports(specifier),
  reportedBy: restrictedImport,
});

/** Who may import whom: the table in ARCHITECTURE.md, each line broken at least once. */
const importBreaches: readonly Breach[] = [
  importing('packages/core/src/proof/node-module.ts', 'node:fs', 'core imports no Node module'),
  importing('packages/core/src/proof/other-package.ts', 'kysely', 'core imports no package but zod'),
  importing('packages/core/src/proof/protocol.ts', '@scarmonit/protocol/openai/error', 'core imports no other layer'),
  importing(
    'packages/core/src/proof/by-path.ts',
    '../../../store/src/schema.ts',
    'core imports no other layer by path',
  ),
  importing(
    'packages/store/src/proof/adapter.ts',
    '@scarmonit/adapters/sqlite/open-sqlite',
    'store never imports adapters',
  ),
  importing('packages/store/src/proof/node-module.ts', 'node:sqlite', 'store imports no Node module'),
  importing(
    'packages/protocol/src/proof/server.ts',
    '@scarmonit/server/create-agent-api',
    'protocol never imports server',
  ),
  importing('packages/client/src/proof/server.ts', '@scarmonit/server/create-agent-api', 'client never imports server'),
  importing('packages/client/src/proof/core.ts', '@scarmonit/core/ports/clock', 'client imports protocol, not core'),
  importing(
    'packages/server/src/proof/adapter.ts',
    '@scarmonit/adapters/sqlite/open-sqlite',
    'server never imports adapters',
  ),
  importing('packages/server/src/proof/store.ts', '@scarmonit/store/schema', 'server never imports store'),
  importing('packages/server/src/proof/node-module.ts', 'node:http', 'server imports no Node module'),
  importing('packages/adapters/src/proof.ts', '@scarmonit/server/create-agent-api', 'adapters never import server'),
  importing(
    'packages/adapters/src/sqlite/other-adapter.ts',
    '../yaml/read-yaml.ts',
    'an adapter never imports another',
  ),
  importing('packages/adapters/src/sqlite/by-name.ts', '@scarmonit/adapters/yaml/read-yaml', 'nor by its name'),
  importing('packages/adapters/src/sqlite/deep/other-adapter.ts', '../../yaml/read-yaml.ts', 'nor from a folder below'),
  importing('packages/adapters/src/runtimes/onnx/other-runtime.ts', '../llama-cpp/engine.ts', 'nor another runtime'),
  importing(
    'packages/adapters/src/runtimes/onnx/deep/other.ts',
    '../../llama-cpp/engine.ts',
    'nor from below a runtime',
  ),
  importing('agent-api/proof-command-line.ts', 'scarmonit', 'the hosts never import the command line'),
  importing('cli/src/proof-server.ts', '@scarmonit/server/create-agent-api', 'cli never imports server'),
  importing('cli/src/proof-store.ts', '@scarmonit/store/schema', 'cli never imports store'),
  importing('web-portal/src/proof-core.ts', '@scarmonit/core/ports/clock', 'the portal never imports core'),
  importing('web-portal/src/proof-node-module.ts', 'node:fs', 'the portal imports no Node module'),
  importing(
    'web-portal/src/deep/proof-by-path.ts',
    '../../../packages/server/src/routes.ts',
    'the portal imports no other layer by path',
  ),
  {
    rule: 'protocol takes types alone from core',
    path: 'packages/protocol/src/proof/core-value.ts',
    source: imports('@scarmonit/core/errors/scarmonit-error'),
    reportedBy: { biome: 'Protocol takes types alone from core' },
  },
  {
    rule: 'a package imports nothing that its package.json does not declare',
    path: 'packages/adapters/src/undeclared/undeclared.ts',
    source: imports('left-pad'),
    reportedBy: { biome: 'lint/correctness/noUndeclaredDependencies' },
  },
  {
    rule: 'modules do not import each other in a circle',
    path: 'packages/core/src/proof/circle-a.ts',
    source: "import { b } from './circle-b.ts';\n\nexport const a = (): number => b();\n",
    reportedBy: { biome: 'lint/suspicious/noImportCycles' },
  },
  {
    rule: 'modules do not import each other in a circle (the other half)',
    path: 'packages/core/src/proof/circle-b.ts',
    source: "import { a } from './circle-a.ts';\n\nexport const b = (): number => a();\n",
    reportedBy: { biome: 'lint/suspicious/noImportCycles' },
  },
];

/** What code may do where. */
const habitBreaches: readonly Breach[] = [
  {
    rule: 'core fetches nothing',
    path: 'packages/core/src/proof/fetch.ts',
    source: "export const load = () => fetch('http://127.0.0.1/');\n",
    reportedBy: { tsc: 'TS2304' },
  },
  {
    rule: 'core fetches nothing (said by the linter, too)',
    path: 'packages/core/src/proof/fetch-again.ts',
    source: "export const load = () => fetch('http://127.0.0.1/');\n",
    reportedBy: { biome: 'lint/style/noRestrictedGlobals' },
  },
  {
    rule: 'core sets no timers',
    path: 'packages/core/src/proof/timer.ts',
    source: 'export const later = (run: () => void) => setTimeout(run, 10);\n',
    reportedBy: { tsc: 'TS2304' },
  },
  {
    rule: 'core reads no clock',
    path: 'packages/core/src/proof/date-now.ts',
    source: 'export const now = () => Date.now();\n',
    reportedBy: { biome: 'lint/nursery/noJsRestrictedProperties' },
  },
  {
    rule: 'core reads no clock by new Date()',
    path: 'packages/core/src/proof/new-date.ts',
    source: 'export const today = () => new Date();\n',
    reportedBy: { biome: 'take the clock port' },
  },
  {
    rule: 'core draws no random numbers',
    path: 'packages/core/src/proof/random.ts',
    source: 'export const toss = () => Math.random() < 0.5;\n',
    reportedBy: { biome: 'lint/nursery/noJsRestrictedProperties' },
  },
  ...(['store', 'protocol', 'client', 'server'] as const).flatMap((layer): Breach[] => [
    {
      rule: `${layer} does not know Node's process`,
      path: `packages/${layer}/src/proof/process.ts`,
      source: 'export const pid = process.pid;\n',
      reportedBy: { biome: 'lint/style/noRestrictedGlobals' },
    },
    {
      rule: `${layer} does not know Node's Buffer`,
      path: `packages/${layer}/src/proof/buffer.ts`,
      source: "export const bytes = Buffer.from('');\n",
      reportedBy: { tsc: 'TS2591' },
    },
  ]),
  {
    rule: 'adapters do not read the environment',
    path: 'packages/adapters/src/proof/environment.ts',
    source: 'export const home = process.env.HOME;\n',
    reportedBy: { biome: 'lint/style/noProcessEnv' },
  },
  {
    rule: 'adapters do not read the environment by import',
    path: 'packages/adapters/src/proof/environment-import.ts',
    source: "import { env } from 'node:process';\n\nexport const home = env.HOME;\n",
    reportedBy: restrictedImport,
  },
  {
    rule: 'a host reads the environment in config.ts alone',
    path: 'agent-api/node/proof-environment.ts',
    source: 'export const home = process.env.HOME;\n',
    reportedBy: { biome: 'lint/style/noProcessEnv' },
  },
  {
    rule: 'packages write nothing to the console',
    path: 'packages/adapters/src/proof/console.ts',
    source: "export const greet = () => console.log('hello');\n",
    reportedBy: { biome: 'lint/suspicious/noConsole' },
  },
  {
    rule: 'there are no default exports',
    path: 'packages/core/src/proof/default-export.ts',
    source: 'export default 1;\n',
    reportedBy: { biome: 'lint/style/noDefaultExport' },
  },
  {
    rule: 'there is no any',
    path: 'packages/core/src/proof/any.ts',
    source: 'export const size = (value: any): number => value.length;\n',
    reportedBy: { biome: 'lint/suspicious/noExplicitAny' },
  },
  {
    rule: 'there is no non-null assertion',
    path: 'packages/core/src/proof/non-null.ts',
    source: 'export const first = (list: readonly number[]): number => list[0]!;\n',
    reportedBy: { biome: 'lint/style/noNonNullAssertion' },
  },
  {
    rule: 'an element of an array may be missing',
    path: 'packages/core/src/proof/unchecked-index.ts',
    source: 'export const first = (list: readonly number[]): number => list[0];\n',
    reportedBy: { tsc: 'TS2322' },
  },
  {
    rule: 'only syntax that Node can erase',
    path: 'packages/core/src/proof/enum.ts',
    source: 'export enum Colour {\n  Red,\n}\n',
    reportedBy: { tsc: 'TS1294' },
  },
  {
    rule: 'a promise is awaited or handled',
    path: 'packages/adapters/src/proof/floating-promise.ts',
    source: 'const work = async (): Promise<number> => 1;\n\nexport function start(): void {\n  work();\n}\n',
    reportedBy: { biome: 'lint/nursery/noFloatingPromises' },
  },
  {
    rule: 'file names are in kebab-case',
    path: 'packages/core/src/proof/CamelCase.ts',
    source: 'export const a = 1;\n',
    reportedBy: { biome: 'lint/style/useFilenamingConvention' },
  },
  {
    rule: 'no file is longer than 400 lines',
    path: 'packages/core/src/proof/long.ts',
    source: Array.from({ length: 401 }, (_, index) => `export const value${index} = ${index};\n`).join(''),
    reportedBy: { biome: 'lint/style/noExcessiveLinesPerFile' },
  },
  ...['utils/text.ts', 'helpers/text.ts', 'shared/text.ts', 'common/text.ts', 'utils.ts'].map(
    (path): Breach => ({
      rule: `nothing is called ${path.replace('/text.ts', '')}`,
      path: `packages/core/src/${path}`,
      source: 'export const a = 1;\n',
      reportedBy: { biome: 'name it for what it does' },
    }),
  ),
];

export const breaches: readonly Breach[] = [...importBreaches, ...habitBreaches];

/** Files that break nothing, so that a rule which objects to everything is noticed. */
export const allowedFiles: readonly Pick<Breach, 'path' | 'source'>[] = [
  {
    path: 'packages/core/src/proof/allowed.ts',
    source:
      "import { z } from 'zod';\nimport { day } from './allowed-day.ts';\n\nexport const days = z.literal(day);\n",
  },
  { path: 'packages/core/src/proof/allowed-day.ts', source: 'export const day = new Date(0).toISOString();\n' },
  {
    path: 'packages/protocol/src/proof/allowed.ts',
    source:
      "import type { Clock } from '@scarmonit/core/ports/clock';\n\nexport type Time = ReturnType<Clock['now']>;\n",
  },
  {
    path: 'packages/store/src/proof/allowed.ts',
    source:
      "import type { Clock } from '@scarmonit/core/ports/clock';\nimport { sql } from 'kysely';\n\nexport const at = (clock: Clock) => sql.val(clock.now());\n",
  },
  {
    path: 'packages/server/src/proof/allowed.ts',
    source:
      "import { Hono } from 'hono';\n\nexport const app = new Hono().get('/', () => new Response(null, { status: 204 }));\n",
  },
  {
    path: 'packages/adapters/src/runtimes/onnx/allowed.ts',
    source:
      "import { readFileSync } from 'node:fs';\nimport { name } from './deep/allowed-name.ts';\n\nexport const text = readFileSync(name, 'utf8');\n",
  },
  { path: 'packages/adapters/src/runtimes/onnx/deep/allowed-name.ts', source: "export const name = 'a';\n" },
  {
    path: 'packages/adapters/src/sqlite/deep/allowed-parent.ts',
    source: "export { title } from '../allowed-title.ts';\n",
  },
  { path: 'packages/adapters/src/sqlite/allowed-title.ts', source: "export const title = 'a';\n" },
  {
    path: 'web-portal/src/deep/allowed.ts',
    source:
      "import { createHttpTransport } from '@scarmonit/client/http-transport';\nimport { word } from '../allowed-word.ts';\n\nexport const open = () => createHttpTransport(word);\n",
  },
  { path: 'web-portal/src/allowed-word.ts', source: "export const word = 'a';\n" },
];
