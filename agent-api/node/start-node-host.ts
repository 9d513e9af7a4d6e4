import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDirectory } from '@scarmonit/adapters/filesystem-lock/lock-data-directory';
import type { LiveModel } from '@scarmonit/core/deployments/deployments';
import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import type { BootstrapKey } from '@scarmonit/core/keys/key-service';
import { createAgentApi } from '@scarmonit/server/create-agent-api';
import { compose } from './compose.ts';
import type { HostConfig } from './config.ts';
import { listen } from './listen.ts';
import { createFailureLog, createLogger } from './logger.ts';
import { readManifestFile } from './read-manifest-file.ts';

/** A host that answers. */
export interface NodeHost {
  readonly url: string;
  readonly bootstrapKey: BootstrapKey;
  /** The deployments, with the state of each version. */
  readonly models: readonly LiveModel[];
  /** Drains: readiness goes off, requests in flight finish, records are flushed, engines exit. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the app on Node: takes the data directory, opens the store, listens, and loads what the manifest declares.
 * Resolves when every version has been tried; one that cannot be loaded does not keep the others from serving.
 * @throws an error whose message says what to change: a bad manifest, a data directory in use, a port that is taken
 */
export async function startNodeHost(config: HostConfig, events: VersionEvents = {}): Promise<NodeHost> {
  const manifest = readManifestFile(config.configPath);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = lockDataDirectory(config.dataDir);
  const undo: (() => Promise<void> | void)[] = [() => lock.release()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const logger = createLogger(config);
    const app = await compose(config, join(config.dataDir, 'scarmonit.db'), logger, events);
    undo.push(() => app.close());
    const api = createAgentApi(app.services, {
      newRequestId: app.newRequestId,
      maxBodyBytes: config.maxBodyBytes,
      cors: { origins: config.corsOrigins },
      onError: createFailureLog(logger),
    });
    const listening = await listen({ host: config.host, port: config.port, fetch: (request) => api.fetch(request) });
    undo.push(() => listening.close(config.drainTimeoutMs));
    undo.push(() => app.health.enter('draining'));
    await app.applyManifest.apply(manifest, 'start');
    app.health.enter('serving');
    return { url: listening.url, bootstrapKey: app.bootstrapKey, models: app.deployments.list(), close: unwind };
  } catch (error) {
    await unwind();
    throw error;
  }
}
