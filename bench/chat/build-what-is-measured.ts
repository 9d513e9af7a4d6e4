import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadNativeBuild } from '../../packages/adapters/src/runtimes/llama-cpp/native-build/native-build.ts';
import { llamaServerPath } from '../../tools/llama-server-path.ts';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * Makes sure that llama.cpp's server and the native engine are there, which takes minutes the first time.
 * @throws an error that says what to do when something is missing and may not be built
 */
export async function buildWhatIsMeasured(mayBuild: boolean): Promise<void> {
  const native = await loadNativeBuild();
  await native?.dispose();
  const missing = [
    ...(existsSync(llamaServerPath) ? [] : [['tools/build-llama-server.ts']]),
    ...(native === undefined ? [['cli/src/main.ts', 'engines', 'build']] : []),
  ];
  if (missing.length === 0) return;
  if (!mayBuild) {
    throw new Error("llama.cpp is not compiled for this machine yet. Run 'npm run bench -- chat --build' once.");
  }
  for (const args of missing) {
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error(`${args.join(' ')} failed.`);
  }
}
