import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** A file of a published package: `npm:PACKAGE@VERSION/PATH`. */
export interface NpmReference {
  /** `PACKAGE@VERSION`, one tarball. */
  readonly spec: string;
  /** Inside the package, without a leading slash. */
  readonly path: string;
}

/**
 * Versions are exact: a range or a tag would be other bytes tomorrow.
 * @throws ScarmonitError `invalid_request` that says what one looks like
 */
export function parseNpmReference(reference: string): NpmReference {
  const match = /^npm:((?:@[\w.~-]+\/)?[\w.~-]+@\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)\/(.+)$/.exec(reference);
  if (match === null || match[1] === undefined || match[2] === undefined) {
    throw new ScarmonitError(
      'invalid_request',
      `"${reference}" is not a file of a package in an exact version, such as npm:some-model@1.0.0/model.gguf`,
    );
  }
  return { spec: match[1], path: match[2] };
}
