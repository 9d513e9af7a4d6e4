import { readHolder } from '@scarmonit/adapters/filesystem-lock/lock-holder';
import type { HostConfig } from './config.ts';
import { createArtifactStore } from './create-artifact-store.ts';
import { checkArtifacts } from './diagnosis/check-artifacts.ts';
import { checkDisk } from './diagnosis/check-disk.ts';
import { checkEngines } from './diagnosis/check-engines.ts';
import { checkManifest } from './diagnosis/check-manifest.ts';
import { checkMemory } from './diagnosis/check-memory.ts';
import { checkNode } from './diagnosis/check-node.ts';
import { checkPort } from './diagnosis/check-port.ts';
import { checkSecrets } from './diagnosis/check-secrets.ts';
import { checkStore } from './diagnosis/check-store.ts';
import type { Check, CheckSurroundings, Finding } from './diagnosis/finding.ts';
import { readManifestFile } from './read-manifest-file.ts';

export type { Finding, FindingStatus } from './diagnosis/finding.ts';

const checks: Readonly<Record<string, Check>> = {
  node: checkNode,
  manifest: checkManifest,
  secrets: checkSecrets,
  disk: checkDisk,
  memory: checkMemory,
  port: checkPort,
  store: checkStore,
  models: checkArtifacts,
  engines: checkEngines,
};

/**
 * Looks at everything that a start needs, one check after the other, and changes nothing. A check that breaks is a
 * finding, too: this never throws.
 */
export async function* diagnose(config: HostConfig): AsyncGenerator<Finding> {
  const surroundings = lookAround(config);
  for (const [name, check] of Object.entries(checks)) {
    try {
      for (const finding of await check(surroundings)) yield { check: name, ...finding };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      yield { check: name, status: 'fail', message, fix: 'Correct what the message names, then run the doctor again.' };
    }
  }
}

function lookAround(config: HostConfig): CheckSurroundings {
  const around = { config, artifacts: createArtifactStore(config), holder: readHolder(config.dataDir) };
  try {
    return { ...around, manifest: readManifestFile(config.configPath), manifestError: undefined };
  } catch (error) {
    return { ...around, manifest: undefined, manifestError: error instanceof Error ? error.message : String(error) };
  }
}
