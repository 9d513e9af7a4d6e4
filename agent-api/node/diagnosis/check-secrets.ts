import { listSecretUses } from '@scarmonit/core/manifest/secret-uses';
import { isManifestSecret } from '../../manifest-secrets.ts';
import { listBindings } from '../guard-secrets.ts';
import type { Check } from './finding.ts';

/** Whether the secrets that the manifest and `SCARMONIT_SECRET_ORIGINS` name are set, and where they may be sent. */
export const checkSecrets: Check = async ({ config, manifest = { models: [] } }) => {
  const versions = manifest.models.flatMap((model) => model.versions);
  const inManifest = new Set(versions.flatMap((spec) => [...listSecretUses(spec)].map(({ name }) => name)));
  const all = [...new Set([...inManifest, ...config.secretBindings.keys()])].filter(isManifestSecret);
  const missing = all.filter((name) => config.lookUpSecret(name) === undefined);
  if (missing.length > 0) {
    return missing.map((name) => ({
      status: 'warn',
      message: inManifest.has(name)
        ? `The manifest names \${${name}}, which is not set: what needs it cannot be loaded.`
        : `SCARMONIT_SECRET_ORIGINS names ${name}, which is not set.`,
      fix: `Set ${name} where the server starts.`,
    }));
  }
  if (all.length === 0) return [{ status: 'ok', message: 'No secrets of upstreams are needed.' }];
  const bindings = listBindings(config, manifest);
  const places = all.map((name) => `${name} to ${(bindings.get(name) ?? []).join(', ')}`);
  return [{ status: 'ok', message: `All secrets are set. They may go: ${places.join('; ')}.` }];
};
