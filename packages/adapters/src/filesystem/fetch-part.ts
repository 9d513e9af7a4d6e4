import { setTimeout as wait } from 'node:timers/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource } from '@scarmonit/core/ports/artifact-source';
import type { ArtifactPart } from '@scarmonit/core/registry/version-spec';
import { asTransferError, cancelledTransfer, isTransient } from '@scarmonit/core/transfers/transfer-errors';
import { diskFull, isDiskFull } from './disk-space.ts';
import { PartialFile } from './partial-file.ts';

export interface FetchPartOptions {
  /** Where partial files live. */
  readonly folder: string;
  /** By scheme. */
  readonly sources: ReadonlyMap<string, ArtifactSource>;
  /** Pauses before trying a source again that did not answer or broke off; a try that got further starts anew. */
  readonly retryDelaysMs: readonly number[];
  readonly freeBytesOf: (path: string) => Promise<number>;
  readonly signal: AbortSignal;
  onProgress(source: string, receivedBytes: number, totalBytes: number | undefined): void;
}

/**
 * Brings one part in and checks its digest, trying its mirrors in order. An interrupted download stays for the next one.
 * @returns a closed file with exactly the wanted bytes, claimed by this process
 * @throws ScarmonitError that names each source and what was wrong with it; `cancelled`; code `disk_full`
 */
export async function fetchPart(part: ArtifactPart, options: FetchPartOptions): Promise<PartialFile> {
  const file = await PartialFile.claim(options.folder, part.sha256);
  try {
    if (file.digest() !== part.sha256) await downloadFromMirrors(part, file, options);
    await file.close();
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    if (isDiskFull(error)) {
      const missingBytes = Math.max(0, (part.bytes ?? 0) - file.size);
      await file.remove();
      throw diskFull(options.folder, missingBytes, await options.freeBytesOf(options.folder), error);
    }
    await (file.size > 0 ? file.release() : file.remove());
    throw error;
  }
}

async function downloadFromMirrors(part: ArtifactPart, file: PartialFile, options: FetchPartOptions): Promise<void> {
  const failures: ScarmonitError[] = [];
  for (const reference of part.sources) {
    try {
      return await downloadFrom(reference, part, file, options);
    } catch (error) {
      if (!(error instanceof ScarmonitError) || error.kind === 'cancelled') throw error;
      failures.push(error);
    }
  }
  throw combineFailures(part, failures);
}

async function downloadFrom(
  reference: string,
  part: ArtifactPart,
  file: PartialFile,
  options: FetchPartOptions,
): Promise<void> {
  const continues = file.size > 0;
  await transfer(reference, part, file, options);
  if (file.digest() === part.sha256) return;
  if (continues) {
    // The earlier bytes may be another mirror's or an older file's. Only a download in one piece proves the source wrong.
    await file.restart();
    await transfer(reference, part, file, options);
    if (file.digest() === part.sha256) return;
  }
  const found = file.digest();
  await file.restart();
  throw new ScarmonitError(
    'engine_failure',
    `${reference}: wrong digest: the bytes are sha256:${found}, the manifest wants sha256:${part.sha256}`,
    { code: 'digest_mismatch' },
  );
}

/** Gets all bytes into the file, going on after interruptions as long as that leads anywhere. */
async function transfer(
  reference: string,
  part: ArtifactPart,
  file: PartialFile,
  options: FetchPartOptions,
): Promise<void> {
  const { signal, retryDelaysMs } = options;
  const source = findSource(options.sources, reference);
  let validator: string | undefined;
  let furthest = file.size;
  for (let attempt = 0; ; attempt++) {
    try {
      const opened = await source.open(reference, {
        offset: file.size,
        signal,
        ...(validator === undefined ? {} : { validator }),
        onProgress: (received, total) => options.onProgress(reference, received, total ?? guessTotal(part, received)),
      });
      validator = opened.validator;
      if (opened.offset !== file.size) await file.restart();
      for await (const chunk of opened.stream) {
        await file.write(chunk);
      }
      return await file.flush();
    } catch (error) {
      if (isDiskFull(error)) throw error;
      const failure = asTransferError(error, reference, signal);
      if (file.size > furthest) {
        furthest = file.size;
        attempt = 0;
      }
      const delayMs = retryDelaysMs[attempt];
      if (!isTransient(failure) || delayMs === undefined) throw failure;
      await wait(Math.max(delayMs, failure.retryAfterMs ?? 0), undefined, { signal }).catch(() => {
        throw cancelledTransfer(signal);
      });
    }
  }
}

/** A source that fetches more than this part (a whole package) passes its size; then there is nothing to compare with. */
function guessTotal({ bytes }: ArtifactPart, received: number): number | undefined {
  return bytes !== undefined && received <= bytes ? bytes : undefined;
}

function findSource(sources: ReadonlyMap<string, ArtifactSource>, reference: string): ArtifactSource {
  const source = sources.get(reference.slice(0, Math.max(0, reference.indexOf(':'))));
  if (source === undefined) {
    const known = [...sources.keys()].sort().map((scheme) => `${scheme}:`);
    throw new ScarmonitError(
      'invalid_request',
      `"${reference}" has no known kind of source; known: ${known.join(', ')}`,
      {
        param: 'artifact.from',
      },
    );
  }
  return source;
}

function combineFailures(part: ArtifactPart, failures: readonly ScarmonitError[]): ScarmonitError {
  const [first] = failures;
  if (first === undefined) {
    return new ScarmonitError('invalid_request', `the part "${part.name}" has no sources`, { param: 'artifact.from' });
  }
  if (failures.length === 1) return first;
  const kind = failures.every((failure) => failure.kind === first.kind) ? first.kind : 'engine_failure';
  const code = failures.find((failure) => failure.code !== undefined)?.code;
  const reasons = failures.map((failure) => failure.message).join('; ');
  return new ScarmonitError(kind, `no source of the part "${part.name}" works: ${reasons}`, {
    cause: failures,
    ...(code === undefined ? {} : { code }),
  });
}
