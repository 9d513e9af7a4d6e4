import { experimental_readRawConfig as readRawConfig } from 'wrangler';

/** What the tools look at in wrangler.jsonc. */
export interface WranglerConfig {
  readonly name: string;
  readonly main: string;
  readonly assets: { readonly directory: string };
  readonly env: Readonly<Record<string, WranglerEnvironment>>;
}

export interface WranglerEnvironment {
  readonly services?: readonly object[];
  readonly d1_databases?: readonly {
    readonly binding: string;
    readonly database_name: string;
    readonly database_id?: string;
  }[];
  readonly kv_namespaces?: readonly { readonly binding: string; readonly id?: string }[];
  readonly r2_buckets?: readonly { readonly binding: string; readonly bucket_name: string }[];
}

/** Reads wrangler.jsonc, comments and all. */
export function readWranglerConfig(path: string): WranglerConfig {
  return readRawConfig({ config: path }).rawConfig as unknown as WranglerConfig;
}
