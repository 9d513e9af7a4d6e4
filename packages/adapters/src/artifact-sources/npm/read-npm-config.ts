/// <reference path="./npm-config.d.ts" />
import { join } from 'node:path';

/** Options of pacote and npm-registry-fetch: registry, proxies, certificates, credentials by registry. */
export type NpmOptions = Readonly<Record<string, unknown>>;

export interface NpmSurroundings {
  /** Where the search for the project's `.npmrc` starts. */
  readonly cwd: string;
  /** `npm_config_*`, `HOME` and what `.npmrc` files refer to as `${NAME}`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads npm's configuration as npm itself does: environment, project, user and global `.npmrc`. So a company's registry,
 * proxy and credentials work here as soon as they work for `npm install`.
 */
export async function readNpmConfig({ cwd, env }: NpmSurroundings): Promise<NpmOptions> {
  // Loaded only when something has to be fetched: npm's definitions take a noticeable part of a start.
  const [{ default: Config }, { default: npm }] = await Promise.all([
    import('@npmcli/config'),
    import('@npmcli/config/lib/definitions/index.js'),
  ]);
  const config = new Config({
    ...npm,
    cwd,
    // A copy, because npm's loader writes into it.
    env: { ...env },
    argv: [],
    execPath: process.execPath,
    platform: process.platform,
    // npm's own folder, for its built-in npmrc. There is none; the name only has to lead nowhere.
    npmPath: join(cwd, 'node_modules', '.no-npm'),
    warn: false,
  });
  await config.load();
  return config.flat;
}
