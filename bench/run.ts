// Runs the suites named, or all of them: `npm run bench -- gateway --seconds 5`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const suites: Readonly<Record<string, string>> = {
  gateway: 'gateway/measure-gateway.ts',
  serving: 'serving/measure-serving.ts',
  chat: 'chat/measure-chat.ts',
  gates: 'gates/measure-gates.ts',
  worker: 'worker/measure-worker.ts',
  metrics: 'metrics/measure-metrics.ts',
  portal: 'portal/measure-portal.ts',
};

const args = process.argv.slice(2);
const named = args.findIndex((arg) => arg.startsWith('-'));
const wanted = named === -1 ? args : args.slice(0, named);
const options = args.slice(wanted.length);
const unknown = wanted.find((name) => !(name in suites));
if (unknown !== undefined) {
  console.error(`There is no suite '${unknown}'. Choose from ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
if (wanted.length !== 1 && options.length > 0) {
  console.error('Options belong to one suite: npm run bench -- gateway --rounds 5');
  process.exit(2);
}
for (const [name, path] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const script = fileURLToPath(new URL(path, import.meta.url));
  const { status } = spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
