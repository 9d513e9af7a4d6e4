// Compiles llama.cpp's own server for this machine, for the benchmark and the test that put it beside Scarmonit.
//
//   node tools/build-llama-server.ts          does nothing when it is there already
//
// Nothing is downloaded. It takes minutes; what is kept lies in `.scarmonit-bench`.

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { requireBuildTools } from '../packages/adapters/src/runtimes/llama-cpp/native-build/find-build-tools.ts';
import { runBuildStep } from '../packages/adapters/src/runtimes/llama-cpp/native-build/run-build-step.ts';
import { llamaCppFolder, llamaServerPath, sourceBundle } from './llama-server-path.ts';

/** Only what a server without encryption and pages needs; all in one file that can be moved. */
const settings = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_NATIVE=ON',
  '-DGGML_CCACHE=OFF',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_CURL=OFF',
  '-DLLAMA_OPENSSL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
];

if (existsSync(llamaServerPath)) console.log(`llama-server is there: ${llamaServerPath}`);
else await build();

async function build(): Promise<void> {
  requireBuildTools(process.platform, process.env.PATH ?? '');
  const startedAt = performance.now();
  const work = `${llamaCppFolder}.building`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const sources = join(work, 'sources');
  const built = join(work, 'built');
  await step('git', ['clone', '--quiet', '--depth', '1', sourceBundle, sources]);
  await step('cmake', ['-S', sources, '-B', built, ...settings]);
  await step('cmake', ['--build', built, '--parallel', `${availableParallelism()}`, '--target', 'llama-server']);
  mkdirSync(llamaCppFolder, { recursive: true });
  copyFileSync(join(built, 'bin', 'llama-server'), `${llamaServerPath}.new`);
  renameSync(`${llamaServerPath}.new`, llamaServerPath);
  rmSync(work, { recursive: true });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`llama-server was built in ${seconds} s: ${llamaServerPath}`);
}

async function step(command: string, args: readonly string[]): Promise<void> {
  let told = -1;
  await runBuildStep({
    command,
    args,
    env: process.env,
    signal: new AbortController().signal,
    onProgress: ({ done, total }) => {
      const tenth = Math.floor((10 * done) / total);
      if (tenth > told) console.log(`llama-server: ${done} of ${total}`);
      told = Math.max(told, tenth);
    },
  });
}
