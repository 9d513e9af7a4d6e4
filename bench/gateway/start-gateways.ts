import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerPath } from './install-peers.ts';
import { findFreePort, type RunningProcess, startProcess } from './start-process.ts';
import { pacedModel, upstreamModel } from './wire.ts';

/** One way to the mock upstream. */
export interface Gateway {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As clients of this gateway call it. */
  readonly model: string;
  /** Of the model that streams at a steady pace. */
  readonly pacedModel: string;
  readonly process: RunningProcess;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const chatPath = '/v1/chat/completions';
const upstreamKey = 'sk-mock';

/** The mock itself, as what nothing stands in front of. */
export async function startDirect(): Promise<Gateway> {
  const process = await startProcess({ args: [file('mock-upstream.ts')] });
  return { name: 'direct', url: process.url + chatPath, headers: {}, model: upstreamModel, pacedModel, process };
}

export async function startBareProxy(upstream: string): Promise<Gateway> {
  const process = await startProcess({ args: [file('bare-proxy.ts'), upstream] });
  return { name: 'bare proxy', url: process.url + chatPath, headers: {}, model: upstreamModel, pacedModel, process };
}

/**
 * Scarmonit as users run it, nothing switched off: the key is checked and has limits (too high to be reached), requests
 * are validated, usage is asked for and read, every request is recorded in SQLite.
 * @param nodeFlags such as `--cpu-prof`
 */
export async function startScarmonit(upstream: string, nodeFlags: readonly string[] = []): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'scarmonit-bench-'));
  const config = join(folder, 'scarmonit.yaml');
  const adminKey = 'sk-scarmonit-bench-only-0000000000000000000000000';
  writeFileSync(config, manifestOf(upstream));
  const host = await startProcess({
    // With what `npm start` gives Node.
    args: [
      '--max-semi-space-size=8',
      '--heap-growing-percent=60',
      '--no-parallel-scavenge',
      ...nodeFlags,
      file('../../agent-api/node/main.ts'),
    ],
    env: {
      PORT: '0',
      SCARMONIT_CONFIG: config,
      SCARMONIT_DATA_DIR: join(folder, 'data'),
      SCARMONIT_ADMIN_KEY: adminKey,
      MOCK_API_KEY: upstreamKey,
    },
  });
  const process: RunningProcess = {
    ...host,
    stop: async () => {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const secret = await createKey(host.url, adminKey);
  const headers = { authorization: `Bearer ${secret}` };
  return {
    name: 'scarmonit',
    url: host.url + chatPath,
    headers,
    model: 'support-chat',
    pacedModel: 'paced-chat',
    process,
  };
}

/** Portkey's open-source gateway, which checks no key, has no limits and keeps no records. */
export async function startPortkey(upstream: string): Promise<Gateway> {
  const port = await findFreePort();
  const script = peerPath('@portkey-ai/gateway/build/start-server.js');
  const process = await startProcess({
    args: [script, `--port=${port}`, '--headless'],
    ready: /(http:\/\/localhost:\d+)/,
  });
  return {
    name: 'portkey',
    url: `http://127.0.0.1:${port}${chatPath}`,
    headers: {
      authorization: `Bearer ${upstreamKey}`,
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
    },
    model: upstreamModel,
    pacedModel,
    process,
  };
}

function manifestOf(upstream: string): string {
  return `apiVersion: scarmonit/v1
models:
  support-chat:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0:
        runtime: openai-compatible
        baseUrl: ${upstream}/v1
        model: ${upstreamModel}
        apiKey: \${MOCK_API_KEY}
  paced-chat:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0:
        runtime: openai-compatible
        baseUrl: ${upstream}/v1
        model: ${pacedModel}
        apiKey: \${MOCK_API_KEY}
`;
}

async function createKey(url: string, adminKey: string): Promise<string> {
  const response = await fetch(`${url}/api/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'bench',
      scopes: ['infer'],
      models: ['support-chat', 'paced-chat'],
      requestsPerMinute: 1_000_000_000,
      tokensPerMinute: 1_000_000_000_000,
    }),
  });
  if (!response.ok) throw new Error(`The key could not be made: ${await response.text()}`);
  return ((await response.json()) as { secret: string }).secret;
}
