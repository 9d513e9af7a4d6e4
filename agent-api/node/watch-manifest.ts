import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { ManifestChanges } from '@scarmonit/core/services/agent-services';

export interface WatchManifestOptions {
  readonly path: string;
  /** The text that runs already. */
  readonly applied: string;
  readonly clock: Pick<Clock, 'schedule'>;
  /** Applies manifest text; a text that cannot be applied changes nothing. */
  apply(text: string): Promise<ManifestChanges>;
  onApplied(changes: ManifestChanges): void;
  /** Told why a change was not applied. What ran before goes on. */
  onRefused(error: unknown): void;
}

export interface ManifestWatch {
  /** Reads and applies the file now, whether it seems changed or not. Reports by the callbacks; never rejects. */
  reload(): Promise<void>;
  close(): void;
}

/** Editors write in several steps; a change counts when the file has been quiet for so long. */
const quietMs = 200;

/**
 * Applies the manifest whenever the file changes. The folder is watched and not the file, because editors and deployment
 * tools replace files by renaming.
 */
export function watchManifest(options: WatchManifestOptions): ManifestWatch {
  const { path, clock, apply, onApplied, onRefused } = options;
  let { applied } = options;
  let cancelTimer: (() => void) | undefined;
  let last = Promise.resolve();

  const applyFile = async (force: boolean): Promise<void> => {
    try {
      const text = await readFile(path, 'utf8');
      if (text === applied && !force) return;
      onApplied(await apply(text));
      applied = text;
    } catch (error) {
      onRefused(error);
    }
  };
  const enqueue = (force: boolean): Promise<void> => {
    last = last.then(() => applyFile(force));
    return last;
  };

  const watcher = watchFolder(path, {
    onChange: () => {
      cancelTimer?.();
      cancelTimer = clock.schedule(quietMs, () => void enqueue(false));
    },
    onError: (cause) =>
      onRefused(new Error(`Changes of ${path} are not noticed; send SIGHUP or run scarmonit apply.`, { cause })),
  });
  // Whatever changed while the first text was being applied.
  void enqueue(false);
  return {
    reload: () => enqueue(true),
    close: () => {
      cancelTimer?.();
      watcher?.close();
    },
  };
}

/** Machines run out of watches, and folders vanish; a server goes on without. */
function watchFolder(
  path: string,
  { onChange, onError }: { readonly onChange: () => void; readonly onError: (error: unknown) => void },
): FSWatcher | undefined {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onChange();
    });
    watcher.on('error', onError);
    return watcher;
  } catch (error) {
    onError(error);
    return undefined;
  }
}
