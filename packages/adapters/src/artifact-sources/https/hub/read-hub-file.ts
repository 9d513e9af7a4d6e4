import { createHash } from 'node:crypto';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { callHttp, type HttpCall, openHttpRange } from '../open-http-range.ts';
import { hubFileUrl, parseHubReference } from './hub-reference.ts';
import { DEFAULT_HUB_ENDPOINT, explainHubError, type HubOptions } from './hub-source.ts';

/** What a hub knows of a file, enough to pin it in a manifest. */
export interface HubFile {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** The commit that the revision stands for now. */
  readonly commit: string;
  /** The reference with that commit: `hf:OWNER/REPO/FILE@COMMIT`. Names the same bytes for ever. */
  readonly pinned: string;
}

/**
 * Asks the hub for size, digest and commit, without downloading the file: `X-Linked-Size`, `X-Linked-Etag` (the SHA-256
 * of what is kept in LFS) and `X-Repo-Commit`, as huggingface_hub's `get_hf_file_metadata` reads them. Small files are
 * plain git blobs, whose ETag is no SHA-256; those are fetched and hashed.
 * @throws ScarmonitError as `ArtifactSource.open` does; `engine_failure` when the server does not speak the hub's layout
 */
export async function readHubFile(
  reference: string,
  options: HubOptions & { readonly signal?: AbortSignal },
): Promise<HubFile> {
  const { signal = new AbortController().signal, endpoint = DEFAULT_HUB_ENDPOINT, ...transfer } = options;
  const parsed = parseHubReference(reference);
  try {
    const headers = await readMetadata({ ...transfer, reference, signal, url: hubFileUrl(endpoint, parsed) });
    const commit = headers['x-repo-commit'];
    if (commit === undefined) {
      throw new ScarmonitError('engine_failure', `${reference}: ${endpoint} sent no X-Repo-Commit; is it a model hub?`);
    }
    const pinned = `hf:${parsed.repo}/${parsed.file}@${commit}`;
    const etag = (headers['x-linked-etag'] ?? headers.etag ?? '').replace(/^W\//, '').replaceAll('"', '');
    const bytes = Number(headers['x-linked-size'] ?? headers['content-length']);
    if (/^[0-9a-f]{64}$/.test(etag) && Number.isSafeInteger(bytes)) {
      return { sha256: etag, bytes, commit, pinned };
    }
    const url = hubFileUrl(endpoint, { ...parsed, revision: commit });
    return { ...(await hashRemoteFile({ ...transfer, reference, url }, signal)), commit, pinned };
  } catch (error) {
    throw explainHubError(error, reference, options.token !== undefined);
  }
}

async function readMetadata(call: Omit<HttpCall, 'method' | 'headers'>): Promise<Record<string, string | undefined>> {
  const { response } = await callHttp({
    ...call,
    method: 'HEAD',
    headers: { 'accept-encoding': 'identity' },
    // Redirects to a renamed repository or another hub are followed. The one to the CDN is not: its answer already carries
    // the metadata, and the CDN's does not.
    follows: ({ headers }, target) =>
      headers['x-linked-etag'] === undefined &&
      (target.origin === call.url.origin || headers['x-repo-commit'] === undefined),
  });
  await response.body.dump();
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

async function hashRemoteFile(
  call: Parameters<typeof openHttpRange>[0],
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const { stream } = await openHttpRange(call, { offset: 0, signal });
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}
