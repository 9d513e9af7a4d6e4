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
import { readManifestFileWithText } from './read-manifest-file.ts';
import { watchManifest } from './watch-manifest.ts';

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
  const { text, manifest } = readManifestFileWithText(config.configPath);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = lockDataDirectory(config.dataDir);
  const undo: (() => Promise<void> | void)[] = [() => lock.release()];
  let unwinding: Promise<void> | undefined;
  const unwind = (): Promise<void> => {
    unwinding ??= undoAll(undo.reverse());
    return unwinding;
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
    await untilAborted(app.applyManifest.apply(manifest, 'start'), signal);
    app.health.enter('serving');
    const manifestWatch = watchManifest({
      path: config.configPath,
      applied: text,
      clock: app.clock,
      apply: (text) => app.services.models.apply(text),
      onApplied: (changes) => logger.info(changes, 'the manifest was applied'),
      onRefused: (error) => logger.error({ err: error }, 'the manifest was not applied; nothing has changed'),
    });
    undo.push(() => manifestWatch.close());
    return {
      reload: () => manifestWatch.reload(),
      url: listening.url,
      bootstrapKey: app.bootstrapKey,
      models: () => app.deployments.list(),
      close: unwind,
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** Takes every step, whatever the others do. @throws the first failure, at the end */
async function undoAll(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Waits for the work, or rejects with the signal's reason; then the work goes on unwatched and its failure is dropped. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
