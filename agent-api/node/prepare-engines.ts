import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import type { LiveModel } from '@scarmonit/core/deployments/deployments';
import type { LocalRuntimeName } from '@scarmonit/core/registry/version-spec';
import type { HostConfig } from './config.ts';
import { findEngineModule, isLocalRuntime } from './engine-modules.ts';

/** A line for each engine that the last start had in use: the name of its runtime. */
const fileName = 'engines-in-use';

/**
 * Forks the engine processes that the last start in this data directory had in use, before the host has even imported
 * what reads a manifest: engines take longer to import than the host does. One too many is ended after the start, one
 * too few is forked when its version is loaded.
 */
export function prepareEngines(config: HostConfig): PreparedEngines {
  const engines = new PreparedEngines();
  for (const runtime of recallEngines(config.dataDir)) {
    engines.prepare({ engineModule: findEngineModule(runtime), env: config.engineEnvironment });
  }
  return engines;
}

/** Keeps for the next start which engines are in use. A data directory that takes no more files only makes it later. */
export function rememberEngines(dataDir: string, models: readonly LiveModel[]): void {
  const versions = models.flatMap((model) => [...model.versions.values()]);
  const runtimes = versions.filter(({ state }) => state === 'ready').map(({ spec }) => spec.runtime);
  const inUse = runtimes.filter(isLocalRuntime);
  if (inUse.join() === recallEngines(dataDir).join()) return;
  try {
    writeFileSync(join(dataDir, fileName), inUse.map((runtime) => `${runtime}\n`).join(''));
  } catch {
    // It is a memory aid.
  }
}

function recallEngines(dataDir: string): readonly LocalRuntimeName[] {
  try {
    return readFileSync(join(dataDir, fileName), 'utf8').split('\n').filter(isLocalRuntime);
  } catch {
    return [];
  }
}
