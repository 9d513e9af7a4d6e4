import { mkdirSync } from 'node:fs';
import { lockDataDirectory } from '@scarmonit/adapters/filesystem-lock/lock-data-directory';
import type { LiveModel } from '@scarmonit/core/deployments/deployments';
import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import type { BootstrapKey } from '@scarmonit/core/keys/key-service';
import type { HostConfig } from './config.ts';
import { prepareEngines } from './prepare-engines.ts';
import { UndoStack } from './undo-stack.ts';

/** A host that answers. */
export interface NodeHost {
  readonly url: string;
  readonly bootstrapKey: BootstrapKey;
  /** The deployments, with the state of each version. */
  models(): readonly LiveModel[];
  /** Reads the manifest file again and applies it; a bad file changes nothing. Never rejects. */
  reload(): Promise<void>;
  /** Drains: readiness goes off, requests in flight finish, records are flushed, engines exit. Idempotent. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly events?: VersionEvents;
  /** Gives the start up: what was begun is undone, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Starts the app on Node: takes the data directory, opens the store, listens, and loads what the manifest declares.
 * Resolves when every version has been tried; one that cannot be loaded does not keep the others from serving.
 * @throws an error whose message says what to change: a bad manifest, a data directory in use, a port that is taken
 */
export async function startNodeHost(config: HostConfig, { events = {}, signal }: StartOptions = {}): Promise<NodeHost> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const undo = new UndoStack();
  const lock = lockDataDirectory(config.dataDir);
  undo.push(() => lock.release());
  try {
    const engines = prepareEngines(config);
    undo.push(() => engines.close());
    // Imported only now, like all that it takes: the engines import themselves meanwhile.
    const { openHost } = await import('./open-host.ts');
    const host = await openHost({ config, engines, events, signal, undo });
    engines.close();
    return host;
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}
