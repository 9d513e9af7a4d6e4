import { join } from 'node:path';
import { experimental_readRawConfig as readRawConfig } from 'wrangler';
import { folder } from './config.ts';

/** What the tools look at in wrangler.jsonc. */
export interface WranglerConfig {
  readonly main: string;
  readonly env: Readonly<Record<string, WranglerEnvironment>>;
}

export interface WranglerEnvironment {
  readonly services?: readonly object[];
  readonly d1_databases?: readonly { readonly database_id?: string }[];
  readonly kv_namespaces?: readonly { readonly id?: string }[];
}

/** Reads wrangler.jsonc, comments and all. */
export function readWranglerConfig(): WranglerConfig {
  return readRawConfig({ config: join(folder, 'wrangler.jsonc') }).rawConfig as unknown as WranglerConfig;
}
