import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startHostProcess } from '../../agent-api/test/start-host-process.ts';
import { startLlamaServer } from '../../agent-api/test/start-llama-server.ts';
import type { Answerer } from './stream-answers.ts';

export type Way = 'llama-server' | 'prebuilt' | 'native';

/** The same model three times. All stay loaded; those that are not asked cost nothing but memory. */
export interface Answerers {
  readonly ways: Readonly<Record<Way, Answerer>>;
  stop(): Promise<void>;
}

const key = 'sk-scarmonit-bench-only-0000000000000000000000000';
const contextTokens = 2048;

/** @param dataDir where the host keeps the model, and fetches it to when it is missing */
export async function startAnswerers(dataDir: string, clients: number, threads: number): Promise<Answerers> {
  const artifact = readArtifact();
  const manifestPath = join(dataDir, 'chat-bench.yaml');
  const options = { contextTokens, sequences: clients, threads };
  writeFileSync(
    manifestPath,
    [
      'apiVersion: scarmonit/v1',
      'models:',
      ...(['prebuilt', 'native'] as const).flatMap((build) => [
        `  ${build}:`,
        '    task: chat',
        '    stable: 1.0.0',
        '    versions:',
        '      1.0.0:',
        '        runtime: llama-cpp',
        artifact.text,
        `        options: ${JSON.stringify({ ...options, build })}`,
      ]),
    ].join('\n'),
  );
  const host = await startHostProcess({ dataDir, manifestPath, adminKey: key });
  const modelPath = join(dataDir, 'artifacts', 'sha256', artifact.sha256);
  const server = await startLlamaServer({ modelPath, slots: clients, contextTokens, threads });
  return {
    ways: {
      'llama-server': { baseUrl: server.baseUrl, model: 'any', key },
      prebuilt: { baseUrl: `${host.url}/v1`, model: 'prebuilt', key },
      native: { baseUrl: `${host.url}/v1`, model: 'native', key },
    },
    stop: async () => {
      await server.kill();
      host.signal('SIGTERM');
      await host.ended;
    },
  };
}

/** Where the starter manifest has its chat model from. */
function readArtifact(): { readonly sha256: string; readonly text: string } {
  const manifest = readFileSync(resolve(import.meta.dirname, '..', '..', 'scarmonit.yaml'), 'utf8');
  const found = /runtime: llama-cpp\n( +artifact:\n +sha256: "([0-9a-f]{64})"[\s\S]*?)\n +options:/.exec(manifest);
  const [, text, sha256] = found ?? [];
  if (text === undefined || sha256 === undefined) throw new Error('scarmonit.yaml has no model of llama.cpp.');
  return { sha256, text };
}
