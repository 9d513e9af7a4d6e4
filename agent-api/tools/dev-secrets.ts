import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ToolsConfig } from './config.ts';

/** The secrets of a worker in development. */
export interface DevSecrets {
  /** For `wrangler dev --env-file`. Readable by its owner alone. */
  readonly path: string;
  readonly adminKey: string;
  /** Whether this key can be shown: it was made here and is worth nothing elsewhere. */
  readonly isOurs: boolean;
}

/**
 * Writes the file that stands for `wrangler secret put` in development. Keys that are made here are kept beside the state,
 * so that a restart knows the same ones.
 */
export function writeDevSecrets(stateFolder: string, config: ToolsConfig): DevSecrets {
  const path = join(stateFolder, 'dev-secrets.env');
  const kept = existsSync(path) ? readEnvFile(readFileSync(path, 'utf8')) : {};
  const made = kept.DEV_API_KEY ?? `sk-scarmonit-dev-${randomBytes(24).toString('hex')}`;
  const adminKey = config.adminKey ?? made;
  const secrets = {
    ...config.workerSecrets,
    DEV_API_KEY: made,
    API_KEY: adminKey,
    ENCRYPTION_KEY: kept.ENCRYPTION_KEY ?? randomBytes(32).toString('base64'),
  };
  mkdirSync(dirname(path), { recursive: true });
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
  return { path, adminKey, isOurs: config.adminKey === undefined };
}

function readEnvFile(text: string): Readonly<Record<string, string>> {
  const entries = text.split('\n').flatMap((line): [string, string][] => {
    const [, name, value] = /^([A-Z0-9_]+)=(".*")$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, String(JSON.parse(value))]];
  });
  return Object.fromEntries(entries);
}
