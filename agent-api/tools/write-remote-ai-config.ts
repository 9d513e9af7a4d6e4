import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, wranglerConfigPath } from './config.ts';
import { readWranglerConfig } from './read-wrangler-config.ts';

/**
 * Writes the development configuration with Cloudflare's own Workers AI in place of the emulator. It needs an account
 * (`npx wrangler login`), and what it does is billed to it.
 * @returns the file's path
 */
export function writeRemoteAiConfig(stateFolder: string): string {
  const { env, main, assets, ...rest } = readWranglerConfig(wranglerConfigPath);
  const { services: _emulator, ...dev } = env.dev ?? {};
  const path = join(stateFolder, 'remote-ai.json');
  mkdirSync(stateFolder, { recursive: true });
  const changed = {
    ...rest,
    main: join(folder, main),
    assets: { ...assets, directory: join(folder, assets.directory) },
    env: { dev: { ...dev, ai: { binding: 'AI', remote: true } } },
  };
  writeFileSync(path, JSON.stringify(changed, null, 2));
  return path;
}
