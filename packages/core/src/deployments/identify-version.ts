import { canonicalJson } from '../manifest/canonical-json.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionSpec } from '../registry/version-spec.ts';

/**
 * The digest of what makes a version that version: task, runtime, artifact and options. Prices, deadline and the
 * mirrors that the artifact is fetched from may change without a new version.
 */
export function identifyVersion(spec: VersionSpec, hash: Hash): string {
  const { task, runtime, artifact, options } = spec;
  return hash.sha256Hex(canonicalJson({ task, runtime, artifact: artifact.sha256, options }));
}
