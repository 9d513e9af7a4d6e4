import { type BlobInfo, type BlobStore, checkBlobName } from '@scarmonit/core/ports/blob-store';

/**
 * R2 takes a stream only with its length; without one it takes parts, each but the last of one size and of 5 MiB at the
 * least (developers.cloudflare.com/r2/objects/multipart-objects).
 */
const partBytes = 8 * 1024 * 1024;
const mostListed = 1_000;

/** The blob port on R2. Holds one part of a blob in memory while it is put. */
export function openR2(bucket: R2Bucket): BlobStore {
  return {
    put: async (name, body) => {
      checkBlobName(name);
      if (body instanceof Uint8Array) return toInfo(await bucket.put(name, body));
      const parts = cutIntoParts(body);
      const first = await parts.next();
      const second = first.done === true ? first : await parts.next();
      if (second.done === true) return toInfo(await bucket.put(name, first.value ?? new Uint8Array()));
      return toInfo(await putInParts(bucket, name, [first.value ?? new Uint8Array(), second.value], parts));
    },
    get: async (name) => {
      checkBlobName(name);
      const found = await bucket.get(name);
      return found === null ? undefined : { ...toInfo(found), body: readStream(found.body) };
    },
    head: async (name) => {
      checkBlobName(name);
      const found = await bucket.head(name);
      return found === null ? undefined : toInfo(found);
    },
    delete: async (name) => {
      checkBlobName(name);
      await bucket.delete(name);
    },
    list: async (prefix, { limit, after }) => {
      const found: BlobInfo[] = [];
      let startAfter = after;
      while (found.length < limit) {
        const page = await bucket.list({
          prefix,
          limit: Math.min(mostListed, limit - found.length),
          ...(startAfter === undefined ? {} : { startAfter }),
        });
        found.push(...page.objects.map(toInfo));
        // A page may be shorter than what was asked for, and still not the last.
        if (!page.truncated) break;
        startAfter = found.at(-1)?.name;
      }
      return found;
    },
  };
}

async function putInParts(
  bucket: R2Bucket,
  name: string,
  firstParts: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<R2Object> {
  const upload = await bucket.createMultipartUpload(name);
  try {
    const uploaded: R2UploadedPart[] = [];
    const add = async (part: Uint8Array): Promise<void> => {
      uploaded.push(await upload.uploadPart(uploaded.length + 1, part));
    };
    for (const part of firstParts) await add(part);
    for await (const part of rest) await add(part);
    return await upload.complete(uploaded);
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

/** Pieces of one size, and a last one that may be shorter. */
async function* cutIntoParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.byteLength; ) {
      const taken = chunk.subarray(from, from + partBytes - filled);
      part.set(taken, filled);
      filled += taken.byteLength;
      from += taken.byteLength;
      if (filled < partBytes) continue;
      yield part;
      part = new Uint8Array(partBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
  return undefined;
}

async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      isOver = done;
      if (value !== undefined) yield value;
    }
  } finally {
    if (!isOver) await reader.cancel().catch(() => undefined);
  }
}

function toInfo(stored: R2Object | null): BlobInfo {
  if (stored === null) throw new Error('R2 did not take the blob.');
  const { key, size, httpEtag, uploaded } = stored;
  return { name: key, sizeBytes: size, etag: httpEtag, storedAt: uploaded.getTime() };
}
