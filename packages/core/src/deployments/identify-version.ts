import { canonicalJson } from '../manifest/canonical-json.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionSpec } from '../registry/version-spec.ts';

/**
 * The digest of what makes a version that version: task, runtime, options, and the artifact or the upstream's address and
 * model. Prices, deadline, fallbacks, keys, weights and the mirrors that the artifact is fetched from may change without a
 * new version.
 */
export function identifyVersion(spec: VersionSpec, hash: Hash): string {
  const { task, runtime, options } = spec;
  const source =
    spec.runtime === 'openai-compatible'
      ? { targets: spec.targets.map(({ baseUrl, model }) => ({ baseUrl, model })) }
      : { artifact: spec.artifact.sha256 };
  return hash.sha256Hex(canonicalJson({ task, runtime, options, ...source }));
}
