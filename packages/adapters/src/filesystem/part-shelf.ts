import type { ArtifactPart } from '@scarmonit/core/registry/version-spec';
import { SharedWork, type Waiter } from '@scarmonit/core/transfers/shared-work';
import { type FetchPartOptions, fetchPart } from './fetch-part.ts';
import type { PartialFile } from './partial-file.ts';

export interface PartProgress {
  readonly source: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
}

interface Shelved {
  users: number;
  file?: PartialFile;
}

/** The parts that pulls of this process have in hand. Artifacts that are made of the same parts share them. */
export class PartShelf {
  readonly #options: Omit<FetchPartOptions, 'signal' | 'onProgress'>;
  readonly #parts = new Map<string, Shelved>();
  readonly #fetching = new SharedWork<PartialFile, PartProgress>();

  constructor(options: Omit<FetchPartOptions, 'signal' | 'onProgress'>) {
    this.#options = options;
  }

  /**
   * Says that a part is wanted, so that it stays once it is here. The returned function ends that: the last one removes
   * the file when it is `finished` with, and otherwise leaves it for the next process or pull.
   */
  hold(sha256: string): (finished: boolean) => Promise<void> {
    const shelved = this.#parts.get(sha256) ?? { users: 0 };
    this.#parts.set(sha256, shelved);
    shelved.users++;
    return async (finished) => {
      shelved.users--;
      if (shelved.users > 0) return;
      this.#parts.delete(sha256);
      await (finished ? shelved.file?.remove() : shelved.file?.release());
    };
  }

  /** Whether the bytes of a part are here already. */
  has(sha256: string): boolean {
    return this.#parts.get(sha256)?.file !== undefined;
  }

  /** The path of a held part, which is fetched if it is not here yet. */
  async get(part: ArtifactPart, waiter: Waiter<PartProgress>): Promise<string> {
    const shelved = this.#parts.get(part.sha256);
    if (shelved?.file !== undefined) return shelved.file.path;
    const file = await this.#fetching.run(part.sha256, waiter, (signal, report) =>
      fetchPart(part, {
        ...this.#options,
        signal,
        onProgress: (source, receivedBytes, totalBytes) => report({ source, receivedBytes, totalBytes }),
      }),
    );
    if (shelved !== undefined) shelved.file = file;
    return file.path;
  }
}
