import type { RuntimeName, VersionSpec } from '../registry/version-spec.ts';
import { locateIssue } from './explain-issue.ts';
import type { DocumentPath, ManifestDocument } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';

/** Where Workers AI is, unless a version says otherwise. */
export const cloudflareApiBaseUrl = 'https://api.cloudflare.com/client/v4';

/** The host's own account at Cloudflare, which stands where a version names none. */
export const ownAccount = { accountId: `\${CLOUDFLARE_ACCOUNT_ID}`, apiToken: `\${CLOUDFLARE_API_TOKEN}` } as const;

/** A secret of the host that a version sends to an address. */
export interface SecretUse {
  /** Of the variable: `NAME` where the version says `${NAME}`. */
  readonly name: string;
  /** The base URL that the secret goes to. */
  readonly baseUrl: string;
  readonly runtime: RuntimeName;
  /** Where it stands beneath the version. */
  readonly path: DocumentPath;
}

/**
 * Why a secret may not be sent to an address, as the second half of a sentence whose first half is the path; undefined when it
 * may. Manifests that come over HTTP bring addresses with them, and whoever may send one must not get at secrets by it.
 */
export type ExplainSecretUse = (use: SecretUse) => string | undefined;

/** Every secret that a version names, with the address that gets it. */
export function* listSecretUses(spec: VersionSpec): Iterable<SecretUse> {
  const { runtime } = spec;
  if (spec.runtime === 'openai-compatible') {
    for (const [index, { apiKey, baseUrl }] of spec.targets.entries()) {
      const name = nameIn(apiKey);
      if (name !== undefined) yield { name, baseUrl, runtime, path: ['targets', index, 'apiKey'] };
    }
  }
  if (spec.runtime === 'workers-ai') {
    const { accountId, apiToken } = { ...ownAccount, ...spec.target };
    const baseUrl = spec.target.baseUrl ?? cloudflareApiBaseUrl;
    for (const [key, text] of Object.entries({ accountId, apiToken })) {
      const name = nameIn(text);
      if (name !== undefined) yield { name, baseUrl, runtime, path: [key] };
    }
  }
}

/**
 * @param versions the versions of a document, each with its place in it
 * @throws ManifestError `secret_not_bound` that lists every use of a secret that `explain` has something against
 */
export function refuseSecretUses(
  document: ManifestDocument,
  versions: Iterable<readonly [place: DocumentPath, spec: VersionSpec]>,
  explain: ExplainSecretUse,
): void {
  const issues = [...versions].flatMap(([place, spec]) =>
    [...listSecretUses(spec)].flatMap((use) => {
      const problem = explain(use);
      return problem === undefined
        ? []
        : [locateIssue(document, [...place, ...writtenPath(document, place, use)], problem)];
    }),
  );
  if (issues.length > 0) throw new ManifestError(issues, 'secret_not_bound');
}

/** One address stands beside the runtime and not in a list of targets. */
function writtenPath(document: ManifestDocument, place: DocumentPath, { path }: SecretUse): DocumentPath {
  return path[0] === 'targets' && document.lineOf([...place, 'targets']) === undefined ? ['apiKey'] : path;
}

function nameIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^\$\{(.+)\}$/.exec(text)?.[1];
}
