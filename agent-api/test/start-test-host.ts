import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../node/config.ts';
import { type NodeHost, startNodeHost } from '../node/start-node-host.ts';

export const testKey = 'sk-scarmonit-only-for-tests-00000000000000000000';

/** The starter manifest of the repo. */
export const starterManifest = fileURLToPath(new URL('../../scarmonit.yaml', import.meta.url));

/** A host on a free port with a data directory of its own, and an admin key that the test knows. */
export interface TestHost extends NodeHost {
  readonly dataDir: string;
  /** Calls the management API and returns the JSON body. */
  admin(path: string, init?: RequestInit): Promise<unknown>;
}

/**
 * Starts the real Node host in this process; the engines run in theirs. Artifacts are shared between tests in
 * `SCARMONIT_TEST_DATA_DIR` (default `.scarmonit-test`) and fetched when they are missing.
 * @param manifest path of a manifest, or its text
 * @param env beside the environment of the test
 */
export async function startTestHost(manifest: string, env: Readonly<Record<string, string>> = {}): Promise<TestHost> {
  const dataDir = mkdtempSync(join(tmpdir(), 'scarmonit-'));
  const artifacts = join(
    resolve(process.env.SCARMONIT_TEST_DATA_DIR ?? fileURLToPath(new URL('../../.scarmonit-test', import.meta.url))),
    'artifacts',
  );
  mkdirSync(artifacts, { recursive: true });
  symlinkSync(artifacts, join(dataDir, 'artifacts'));
  let configPath = manifest;
  if (manifest.includes('\n')) {
    configPath = join(dataDir, 'scarmonit.yaml');
    writeFileSync(configPath, manifest);
  }
  const config = readConfig({
    ...process.env,
    ...env,
    PORT: '0',
    SCARMONIT_DATA_DIR: dataDir,
    SCARMONIT_CONFIG: configPath,
    SCARMONIT_ADMIN_KEY: testKey,
    LOG_LEVEL: 'silent',
  });
  const host = await startNodeHost(config);
  return {
    ...host,
    dataDir,
    admin: async (path, init) => {
      const headers = { authorization: `Bearer ${testKey}`, ...init?.headers };
      return (await fetch(`${host.url}/api/admin${path}`, { ...init, headers })).json();
    },
    close: async () => {
      await host.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
