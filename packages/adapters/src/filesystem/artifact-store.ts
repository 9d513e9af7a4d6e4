import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Recipe, RecipePart, RecipeRegistry } from '@scarmonit/core/ports/artifact-recipe';
import type { ArtifactSource } from '@scarmonit/core/ports/artifact-source';
import type { ArtifactStore, PullOptions, PullProgress } from '@scarmonit/core/ports/artifact-store';
import type { ArtifactSpec } from '@scarmonit/core/registry/version-spec';
import { SharedWork } from '@scarmonit/core/transfers/shared-work';
import { finishedFolder, partialFolder, verifiedFolder } from './artifact-paths.ts';
import { diskFull, isDiskFull, readFreeBytes, requireFreeBytes } from './disk-space.ts';
import { findRecipe } from './find-recipe.ts';
import { hashFile } from './hash-file.ts';
import { ownedFileName, removeUnownedFiles } from './owned-files.ts';
import { PartShelf } from './part-shelf.ts';
import { PartialFile } from './partial-file.ts';
import { checkOnceUnchanged } from './verified-files.ts';
import { syncFolder, writeArtifact } from './write-artifact.ts';

export interface FilesystemArtifactStoreOptions {
  /** Artifacts are kept below `artifacts/` of this folder: `sha256/` finished, `partial/` on the way. */
  readonly dataDir: string;
  /** One a scheme. */
  readonly sources: readonly ArtifactSource[];
  /** By name, as `artifact.recipe` uses them. */
  readonly recipes: RecipeRegistry;
  /** Pauses before trying again a source that did not answer or broke off, in milliseconds. */
  readonly retryDelaysMs?: readonly number[];
  /** Free bytes of the file system of a path. Default: statfs. */
  readonly freeBytesOf?: (path: string) => Promise<number>;
}

const TEMPORARY_EXTENSION = 'artifact';

/** An artifact store in a folder of the data directory. Several processes may use the same one. */
export function createFilesystemArtifactStore(options: FilesystemArtifactStoreOptions): ArtifactStore {
  return new FilesystemArtifactStore(options);
}

class FilesystemArtifactStore implements ArtifactStore {
  readonly #finishedDir: string;
  readonly #partialDir: string;
  readonly #verifiedDir: string;
  readonly #sources: ReadonlyMap<string, ArtifactSource>;
  readonly #recipes: RecipeRegistry;
  readonly #freeBytesOf: (path: string) => Promise<number>;
  readonly #shelf: PartShelf;
  readonly #pulls = new SharedWork<string, PullProgress>();

  constructor(options: FilesystemArtifactStoreOptions) {
    this.#finishedDir = finishedFolder(options.dataDir);
    this.#partialDir = partialFolder(options.dataDir);
    this.#verifiedDir = verifiedFolder(options.dataDir);
    this.#sources = new Map(options.sources.map((source) => [source.scheme, source]));
    this.#recipes = options.recipes;
    this.#freeBytesOf = options.freeBytesOf ?? readFreeBytes;
    this.#shelf = new PartShelf({
      folder: this.#partialDir,
      sources: this.#sources,
      retryDelaysMs: options.retryDelaysMs ?? [500, 2000, 8000],
      freeBytesOf: this.#freeBytesOf,
    });
  }

  async pull(artifact: ArtifactSpec, options: PullOptions): Promise<string> {
    const found = await this.find(artifact.sha256);
    if (found !== undefined) return found;
    return this.#pulls.run(artifact.sha256, options, (signal, report) => this.#make(artifact, signal, report));
  }

  async find(sha256: string): Promise<string | undefined> {
    const path = this.#pathOf(sha256);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? path : undefined;
  }

  async verify(sha256: string, { unlessUnchanged = false } = {}): Promise<string> {
    const path = await this.find(sha256);
    if (path === undefined) {
      throw new ScarmonitError('not_found', `there is no artifact sha256:${sha256}; pull it first`);
    }
    const check = () => this.#checkBytes(path, sha256);
    if (unlessUnchanged) await checkOnceUnchanged(path, join(this.#verifiedDir, sha256), check);
    else await check();
    return path;
  }

  async #checkBytes(path: string, sha256: string): Promise<void> {
    const actual = await hashFile(path);
    if (actual === sha256) return;
    // Under this name it can only do harm, and in its place the next pull puts a good one.
    await rm(path, { force: true });
    throw new ScarmonitError(
      'engine_failure',
      `the artifact sha256:${sha256} is damaged: its bytes are sha256:${actual}; it was removed, pull it again`,
      { code: 'digest_mismatch' },
    );
  }

  async #make(artifact: ArtifactSpec, signal: AbortSignal, report: (progress: PullProgress) => void): Promise<string> {
    const finalPath = this.#pathOf(artifact.sha256);
    const recipe = findRecipe(this.#recipes, artifact.recipe);
    await this.#prepareFolders();
    await this.#requireSpace(artifact);
    const holds = artifact.from.map((part) => ({
      part,
      put: this.#shelf.hold(part.sha256),
      release: this.#holdSources(part.sources),
    }));
    let finished = false;
    try {
      const parts: RecipePart[] = [];
      for (const { part, release } of holds) {
        const onProgress = (progress: Omit<PullProgress, 'phase'>) => report({ phase: 'fetch', ...progress });
        parts.push({ name: part.name, path: await this.#shelf.get(part, { signal, onProgress }) });
        await release();
      }
      await this.#assemble(artifact, recipe, parts, signal, report);
      finished = true;
    } finally {
      for (const { put, release } of holds) {
        await release();
        await put(finished);
      }
    }
    const { size } = await stat(finalPath);
    report({ phase: 'done', source: artifact.recipe, receivedBytes: size, totalBytes: size });
    return finalPath;
  }

  async #assemble(
    artifact: ArtifactSpec,
    recipe: Recipe,
    parts: readonly RecipePart[],
    signal: AbortSignal,
    report: (progress: PullProgress) => void,
  ): Promise<void> {
    const finalPath = this.#pathOf(artifact.sha256);
    const [only] = parts;
    if (isPartItself(artifact) && only !== undefined && (await linkIntoPlace(only.path, finalPath))) return;
    const temporaryPath = this.#temporaryPathOf(artifact.sha256);
    try {
      await writeArtifact(
        recipe(parts),
        { temporaryPath, finalPath },
        (sha256) => {
          if (sha256 === artifact.sha256) return;
          throw new ScarmonitError(
            'engine_failure',
            `wrong digest: the recipe ${artifact.recipe} made sha256:${sha256}, the manifest wants sha256:${artifact.sha256}`,
            { code: 'digest_mismatch' },
          );
        },
        {
          signal,
          onProgress: (receivedBytes) =>
            report({ phase: 'assemble', source: artifact.recipe, receivedBytes, totalBytes: undefined }),
        },
      );
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      throw diskFull(this.#partialDir, sumBytes(artifact), await this.#freeBytesOf(this.#partialDir), error);
    }
  }

  async #prepareFolders(): Promise<void> {
    await mkdir(this.#finishedDir, { recursive: true });
    await mkdir(this.#partialDir, { recursive: true });
    const inUse = new Set([...this.#pulls.keys()].map((sha256) => this.#temporaryPathOf(sha256)));
    await removeUnownedFiles(this.#partialDir, TEMPORARY_EXTENSION, inUse);
  }

  /** Parts that are still to come, and the artifact beside them. Parts of unknown size are left out. */
  async #requireSpace(artifact: ArtifactSpec): Promise<void> {
    let neededBytes = isPartItself(artifact) ? 0 : sumBytes(artifact);
    for (const { sha256, bytes } of artifact.from) {
      if (bytes === undefined || this.#shelf.has(sha256)) continue;
      neededBytes += Math.max(0, bytes - (await PartialFile.sizeLeft(this.#partialDir, sha256)));
    }
    await requireFreeBytes(this.#partialDir, neededBytes, this.#freeBytesOf);
  }

  #holdSources(references: readonly string[]): () => Promise<void> {
    const releases = references.map((reference) => {
      const source = this.#sources.get(reference.slice(0, reference.indexOf(':')));
      return source?.hold?.(reference);
    });
    return async () => {
      for (const release of releases) await release?.();
    };
  }

  #pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      throw new ScarmonitError('invalid_request', `"${sha256}" is not a SHA-256 in lower-case hex`);
    }
    return join(this.#finishedDir, sha256);
  }

  #temporaryPathOf(sha256: string): string {
    return join(this.#partialDir, ownedFileName(sha256, TEMPORARY_EXTENSION));
  }
}

/** Nothing to do for the recipe: the digests say so. Saves a large model from being copied. */
function isPartItself({ sha256, from }: ArtifactSpec): boolean {
  return from.length === 1 && from[0]?.sha256 === sha256;
}

function sumBytes({ from }: ArtifactSpec): number {
  return from.reduce((total, part) => total + (part.bytes ?? 0), 0);
}

/** @returns false on file systems without hard links */
async function linkIntoPlace(path: string, finalPath: string): Promise<boolean> {
  {
    await using file = await open(path, 'r+');
    await file.sync();
  }
  try {
    await link(path, finalPath);
  } catch (error) {
    // EEXIST: another process was faster, with the same bytes.
    return error instanceof Error && 'code' in error && error.code === 'EEXIST';
  }
  await syncFolder(join(finalPath, '..'));
  return true;
}
