import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the worker, where wrangler.jsonc is. */
export const folder = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** The configuration of the worker. */
export const wranglerConfigPath = join(folder, 'wrangler.jsonc');

/** The folder of the Web Portal, whose build is deployed with the worker. */
export const portalFolder = resolve(folder, '../web-portal');

/** What the shell gives the tools. */
export interface ToolsConfig {
  /** The admin key of a worker in development; absent: one is made and kept. */
  readonly adminKey: string | undefined;
  /** Settings of the webhook, and secrets that manifests may name, as the Node host takes them from its environment. */
  readonly workerSecrets: Readonly<Record<string, string>>;
  /** Of the Node host, whose artifacts the starter models are taken from. Absolute path. */
  readonly dataDir: string;
  /** To make what a worker needs in an account. */
  readonly cloudflare: CloudflareAccess;
  /** For Wrangler: the shell's environment, without what sends anything anywhere by itself. */
  readonly wranglerEnvironment: Readonly<Record<string, string | undefined>>;
}

/** By the names that Wrangler reads, too (developers.cloudflare.com/workers/wrangler/system-environment-variables). */
export interface CloudflareAccess {
  readonly apiToken: string | undefined;
  readonly accountId: string | undefined;
  readonly apiBaseUrl: string;
}

/** Reads the environment. The only place of the tools that does. */
export function readToolsConfig(env: Readonly<Record<string, string | undefined>> = process.env): ToolsConfig {
  const secrets = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value &&
    /^(OTEL_[A-Z0-9_]+|SCARMONIT_(?:SECRET|SLACK|WEBHOOK)_[A-Z0-9_]+|(?!SCARMONIT_)[A-Z0-9_]+_API_KEY)$/.test(name)
      ? [[name, value]]
      : [],
  );
  return {
    adminKey: env.SCARMONIT_ADMIN_KEY || undefined,
    dataDir: resolve(folder, '..', env.SCARMONIT_DATA_DIR || '.scarmonit'),
    workerSecrets: Object.fromEntries(secrets),
    cloudflare: {
      apiToken: env.CLOUDFLARE_API_TOKEN || undefined,
      accountId: env.CLOUDFLARE_ACCOUNT_ID || undefined,
      apiBaseUrl: env.CLOUDFLARE_API_BASE_URL || 'https://api.cloudflare.com/client/v4',
    },
    wranglerEnvironment: { ...env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  };
}

/** Wrangler's own script, run with the Node that runs the tools: its binary would take the machine's. */
export function findWrangler(): string {
  for (const modules of [resolve(folder, 'node_modules'), resolve(folder, '../node_modules')]) {
    const script = resolve(modules, 'wrangler/bin/wrangler.js');
    if (existsSync(script)) return script;
  }
  throw new Error('Wrangler is not installed. Run npm install in the root of the repository.');
}
