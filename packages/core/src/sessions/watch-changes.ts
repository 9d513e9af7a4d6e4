import type { ChangeRepository, Topic } from '../ports/change-repository.ts';
import type { Clock } from '../ports/clock.ts';

export interface ChangeWatchParts {
  readonly repository: ChangeRepository;
  readonly clock: Pick<Clock, 'schedule'>;
  /** How often the store is asked while anyone watches. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Says what has changed, while anyone listens; one look at the store serves all who watch a project. */
export interface ChangeWatch {
  /** @returns how to stop it */
  watch(projectId: string, watcher: Watcher): () => void;
  /** Ends every watch, and those that come later at once: a host that stops waits for none of them. */
  close(): void;
}

export interface Watcher {
  /** Told of each round that found changes. */
  changed(topics: readonly Topic[]): void;
  /** Told once, when the host ends the watch. */
  closed(): void;
}

/** Without a listener nothing runs. Works across processes and isolates, since it is the store that is looked at. */
export function createChangeWatch(parts: ChangeWatchParts): ChangeWatch {
  const projects = new Map<string, WatchedProject>();
  let isClosed = false;
  return {
    watch(projectId, watcher) {
      if (isClosed) {
        watcher.closed();
        return () => undefined;
      }
      const project = projects.get(projectId) ?? new WatchedProject(parts, projectId);
      projects.set(projectId, project);
      project.add(watcher);
      return () => {
        if (project.remove(watcher)) projects.delete(projectId);
      };
    },
    close() {
      isClosed = true;
      for (const project of projects.values()) project.close();
    },
  };
}

class WatchedProject {
  readonly #parts: ChangeWatchParts;
  readonly #projectId: string;
  readonly #watchers = new Set<Watcher>();
  #marks: Readonly<Record<Topic, string>> | undefined;
  #cancel: (() => void) | undefined;

  constructor(parts: ChangeWatchParts, projectId: string) {
    this.#parts = parts;
    this.#projectId = projectId;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) void this.#look();
  }

  /** @returns whether that was the last one */
  remove(watcher: Watcher): boolean {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return false;
    this.#cancel?.();
    return true;
  }

  close(): void {
    // Each takes itself out.
    for (const watcher of [...this.#watchers]) watcher.closed();
  }

  async #look(): Promise<void> {
    try {
      const marks = await this.#parts.repository.readMarks(this.#projectId);
      const before = this.#marks ?? marks;
      this.#marks = marks;
      const changed = (Object.keys(marks) as Topic[]).filter((topic) => marks[topic] !== before[topic]);
      if (changed.length > 0) for (const watcher of this.#watchers) watcher.changed(changed);
    } catch (error) {
      this.#parts.onError(error);
    }
    if (this.#watchers.size === 0) return;
    this.#cancel = this.#parts.clock.schedule(this.#parts.everyMs, () => void this.#look());
  }
}
