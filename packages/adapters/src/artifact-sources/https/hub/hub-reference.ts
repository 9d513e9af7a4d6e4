import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** A file of a model hub: `hf:OWNER/REPO/FILE[@REVISION]`. FILE may lie in folders. */
export interface HubReference {
  readonly repo: string;
  readonly file: string;
  /** A branch, a tag or a commit; `main` when the text names none. */
  readonly revision: string;
}

/** @throws ScarmonitError `invalid_request` that says what one looks like */
export function parseHubReference(reference: string): HubReference {
  const match = /^hf:([\w.-]+\/[\w.-]+)\/([^@\s]+(?:@[^@\s]+)*?)(?:@([^@\s]+))?$/.exec(reference);
  if (
    match === null ||
    match[1] === undefined ||
    match[2] === undefined ||
    /(^|\/)\.\.?(\/|$)/.test(`${match[1]}/${match[2]}`)
  ) {
    throw new ScarmonitError(
      'invalid_request',
      `"${reference}" is not a hub file such as hf:OWNER/REPO/model.gguf or hf:OWNER/REPO/model.gguf@REVISION`,
    );
  }
  return { repo: match[1], file: match[2], revision: match[3] ?? 'main' };
}

/** The address of the file's bytes, in the layout of huggingface.co: `/OWNER/REPO/resolve/REVISION/FILE`. */
export function hubFileUrl(endpoint: string, { repo, file, revision }: HubReference): URL {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return new URL(`${endpoint.replace(/\/+$/, '')}/${repo}/resolve/${encodeURIComponent(revision)}/${path}`);
}
