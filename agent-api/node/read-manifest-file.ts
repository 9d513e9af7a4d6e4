import { readFileSync } from 'node:fs';
import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import { ManifestError } from '@scarmonit/core/manifest/manifest-error';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import type { ExplainSecretUse } from '@scarmonit/core/manifest/secret-uses';

/**
 * Parses manifest text.
 * @param explainSecretUse for text that does not come from the manifest file
 * @throws ManifestError that lists every fault with its line
 */
export function readManifestText(text: string, explainSecretUse?: ExplainSecretUse): Manifest {
  return parseManifest(readYaml(text), explainSecretUse);
}

/** Reads a manifest file. @throws an error that names the file, and the line of each fault */
export function readManifestFile(path: string): Manifest {
  return readManifestFileWithText(path).manifest;
}

/** As {@link readManifestFile}, with the text that the manifest was read from. */
export function readManifestFileWithText(path: string): { readonly text: string; readonly manifest: Manifest } {
  const text = readText(path);
  try {
    return { text, manifest: readManifestText(text) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new Error(`${path} cannot be used. ${error.message}`, { cause: error });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(
      `Cannot read the manifest ${path}. Run in a folder with a scarmonit.yaml, or set SCARMONIT_CONFIG.`,
      {
        cause: error,
      },
    );
  }
}
