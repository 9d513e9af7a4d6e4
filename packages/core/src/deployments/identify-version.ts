import { canonicalJson } from '../manifest/canonical-json.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionSpec } from '../registry/version-spec.ts';

/**
 * The digest of what makes a version that version: task, runtime, options, and the artifact or the upstream's address and
 * model. Prices, deadline, fallbacks, keys, accounts, weights and the mirrors that the artifact is fetched from may change without a
 * new version.
 */
export function identifyVersion(spec: VersionSpec, hash: Hash): string {
  const { task, runtime, options } = spec;
  return hash.sha256Hex(canonicalJson({ task, runtime, options, ...identifySource(spec) }));
}

function identifySource(spec: VersionSpec) {
  switch (spec.runtime) {
    case 'openai-compatible':
      return { targets: spec.targets.map(({ baseUrl, model }) => ({ baseUrl, model })) };
    case 'workers-ai': {
      const { model, baseUrl } = spec.target;
      return { target: baseUrl === undefined ? { model } : { baseUrl, model } };
    }
    default:
      return { artifact: spec.artifact.sha256 };
  }
}
