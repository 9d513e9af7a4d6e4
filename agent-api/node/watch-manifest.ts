import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { ManifestChanges } from '@scarmonit/core/services/agent-services';

export interface WatchManifestOptions {
  readonly path: string;
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
  let applied: string | undefined;
  let cancelTimer: (() => void) | undefined;
  let last = Promise.resolve();

  const applyFile = async (force: boolean): Promise<void> => {
    try {
      const text = await readFile(path, 'utf8');
      if (text === applied && !force) return;
      applied = text;
      onApplied(await apply(text));
    } catch (error) {
      onRefused(error);
    }
  };
  const enqueue = (force: boolean): Promise<void> => {
    last = last.then(() => applyFile(force));
    return last;
  };

  const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
    if (name !== null && name !== basename(path)) return;
    cancelTimer?.();
    cancelTimer = clock.schedule(quietMs, () => void enqueue(false));
  });
  return {
    reload: () => enqueue(true),
    close: () => {
      cancelTimer?.();
      watcher.close();
    },
  };
}
