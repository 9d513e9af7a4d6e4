import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experimental_readRawConfig as readRawConfig } from 'wrangler';
import { folder } from './config.ts';

/**
 * Writes the development configuration with Cloudflare's own Workers AI in place of the emulator. It needs an account
 * (`npx wrangler login`), and what it does is billed to it.
 * @returns the file's path
 */
export async function writeRemoteAiConfig(stateFolder: string): Promise<string> {
  const { rawConfig } = readRawConfig({ config: join(folder, 'wrangler.jsonc') });
  const { env, ...rest } = rawConfig;
  const { services: _emulator, ...dev } = env?.dev ?? {};
  const path = join(stateFolder, 'remote-ai.json');
  mkdirSync(stateFolder, { recursive: true });
  const changed = {
    ...rest,
    main: join(folder, String(rest.main)),
    env: { dev: { ...dev, ai: { binding: 'AI', remote: true } } },
  };
  writeFileSync(path, JSON.stringify(changed, null, 2));
  return path;
}
