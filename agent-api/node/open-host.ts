import { join } from 'node:path';
import type { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import { createAgentApi } from '@scarmonit/server/create-agent-api';
import type { Logger } from 'pino';
import { toApiOptions } from './api-options.ts';
import { compose } from './compose.ts';
import type { HostConfig } from './config.ts';
import { bindDeclaredSecrets } from './guard-secrets.ts';
import { listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { composePortal } from './portal/compose-portal.ts';
import { rememberEngines } from './prepare-engines.ts';
import type { HttpProcesses } from './processes/http-processes.ts';
import { TablePublisher } from './processes/publish-table.ts';
import { readManifestFileWithText, readManifestText } from './read-manifest-file.ts';
import type { NodeHost } from './start-node-host.ts';
import { tidyArtifacts } from './tidy-artifacts.ts';
import type { UndoStack } from './undo-stack.ts';
import { watchManifest } from './watch-manifest.ts';

export interface OpenHostParts {
  readonly config: HostConfig;
  readonly engines: PreparedEngines;
  readonly events: VersionEvents;
  readonly signal: AbortSignal | undefined;
  /** Gets a step for all that is begun; the caller takes them when this fails. */
  readonly undo: UndoStack;
}

/** Plugs the app together in a data directory that is taken already, listens, and loads the manifest's versions. */
export async function openHost({ config, engines, events, signal, undo }: OpenHostParts): Promise<NodeHost> {
  const file = readManifestFileWithText(config.configPath);
  const logger = createLogger(config);
  bindDeclaredSecrets(config, file.manifest, 'start');
  const processes = config.processes > 1 ? await prepareProcesses(config, logger) : undefined;
  const app = await compose({
    config,
    databasePath: join(config.dataDir, 'scarmonit.db'),
    logger,
    events: processes === undefined ? events : tellAlso(events, processes.onTableChange),
    engines,
    processes,
  });
  undo.push(() => app.close());
  const portal = composePortal({ database: app.shared.database, keys: app.services.keys, clock: app.clock, logger });
  const api = createAgentApi(app.services, toApiOptions(config, logger, app, portal));
  let url: string;
  if (processes === undefined) {
    const { host, port } = config;
    const listening = await listen({ host, port, fetch: (request) => api.fetch(request), direct: api.direct });
    undo.push(() => listening.close(config.drainTimeoutMs));
    url = listening.url;
  } else {
    undo.push(() => processes.close(config.drainTimeoutMs));
    const table = new TablePublisher(app.deployments);
    url = await untilAborted(
      processes.start({
        ...app.shared,
        fetch: (request) => api.fetch(request),
        publishTable: () => table.publish(),
        findLoaded: (versionId) => table.findLoaded(versionId),
      }),
      signal,
    );
  }
  undo.push(() => portal.changes.close());
  undo.push(() => app.health.enter('draining'));
  await untilAborted(app.applyManifest.apply(file.manifest, 'start'), signal);
  app.health.enter('serving');
  rememberEngines(config.dataDir, app.deployments.list());
  portal.prepare();
  void tidyArtifacts({ config, manifest: file.manifest, clock: app.clock, logger });
  const manifestWatch = watchManifest({
    path: config.configPath,
    applied: file.text,
    clock: app.clock,
    apply: (text) => {
      const manifest = readManifestText(text);
      bindDeclaredSecrets(config, manifest, 'change');
      return app.applyManifest.apply(manifest, 'change');
    },
    onApplied: (changes) => logger.info(changes, 'the manifest was applied'),
    onRefused: (error) => logger.error({ err: error }, 'the manifest was not applied; nothing has changed'),
  });
  undo.push(() => manifestWatch.close());
  return {
    reload: () => manifestWatch.reload(),
    url,
    bootstrapKey: app.bootstrapKey,
    models: () => app.deployments.list(),
    close: () => undo.unwind(),
  };
}

/** Imported only where it is used: a single process starts without it. */
async function prepareProcesses(config: HostConfig, logger: Logger): Promise<HttpProcesses> {
  const { HttpProcesses } = await import('./processes/http-processes.ts');
  return new HttpProcesses({ config, logger, clock: createSystemClock() });
}

function tellAlso(events: VersionEvents, onChange: () => void): VersionEvents {
  return {
    ...events,
    onState: (...news) => {
      events.onState?.(...news);
      onChange();
    },
  };
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
