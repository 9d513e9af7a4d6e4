import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource } from '@scarmonit/core/ports/artifact-source';
import { type HttpTransferOptions, openHttpRange } from './open-http-range.ts';

/**
 * `https://HOST/PATH`: any web server. Interrupted downloads go on where they stopped when the server knows ranges.
 * Redirects are followed; plain HTTP is refused, but for this machine.
 */
export function createHttpsSource(options: HttpTransferOptions = {}): ArtifactSource {
  return {
    scheme: 'https',
    async open(reference, openOptions) {
      return openHttpRange({ ...options, url: parseUrl(reference), reference }, openOptions);
    },
  };
}

/** `http://…` on this machine: the same, for a mirror or a test server behind a loopback address. */
export function createLoopbackHttpSource(options: HttpTransferOptions = {}): ArtifactSource {
  return { ...createHttpsSource(options), scheme: 'http' };
}

function parseUrl(reference: string): URL {
  const url = URL.canParse(reference) ? new URL(reference) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') {
    throw new ScarmonitError(
      'invalid_request',
      `"${reference}" is not an address such as https://example.com/model.gguf`,
    );
  }
  return url;
}
