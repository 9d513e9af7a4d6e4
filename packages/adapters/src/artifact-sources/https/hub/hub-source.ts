import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource } from '@scarmonit/core/ports/artifact-source';
import { type HttpTransferOptions, openHttpRange } from '../open-http-range.ts';
import { hubFileUrl, parseHubReference } from './hub-reference.ts';

export interface HubOptions extends HttpTransferOptions {
  /** The hub's base address; hosts pass `HF_ENDPOINT`. Default: https://huggingface.co */
  readonly endpoint?: string | undefined;
  /** For private and gated repositories; hosts pass `HF_TOKEN`. Never leaves the hub's own origin. */
  readonly token?: string | undefined;
}

export const DEFAULT_HUB_ENDPOINT = 'https://huggingface.co';

/** `hf:OWNER/REPO/FILE[@REVISION]`: a file of a hub. Large files are redirected to the hub's CDN, which knows ranges. */
export function createHubSource(options: HubOptions = {}): ArtifactSource {
  return {
    scheme: 'hf',
    async open(reference, openOptions) {
      const url = hubFileUrl(options.endpoint ?? DEFAULT_HUB_ENDPOINT, parseHubReference(reference));
      try {
        return await openHttpRange({ ...options, url, reference }, openOptions);
      } catch (error) {
        throw explainHubError(error, reference, options.token !== undefined);
      }
    },
  };
}

/** The hub answers 401 for what does not exist as well as for what is private. */
export function explainHubError(error: unknown, reference: string, hasToken: boolean): unknown {
  if (!(error instanceof ScarmonitError) || error.kind !== 'forbidden') return error;
  const hint = hasToken
    ? 'does not exist, or the token may not read it (accept its licence on its page)'
    : 'does not exist, or it needs a token: set HF_TOKEN';
  return new ScarmonitError('forbidden', `${reference} ${hint}`, { cause: error });
}
