import type { Check } from './finding.ts';

export const checkManifest: Check = async ({ config, manifest, manifestError }) => {
  if (manifest === undefined) {
    const fix = `Correct ${config.configPath}, or name another manifest with SCARMONIT_CONFIG.`;
    return [{ status: 'fail', message: manifestError ?? 'The manifest cannot be read.', fix }];
  }
  if (manifest.models.length === 0) {
    const fix = 'Add a model: scarmonit models add hf:OWNER/REPO/FILE.gguf';
    return [{ status: 'warn', message: `${config.configPath} declares no models.`, fix }];
  }
  const models = manifest.models.map(({ name, stable }) => `${name}@${stable}`).join(', ');
  return [{ status: 'ok', message: `${config.configPath} declares ${models}.` }];
};
