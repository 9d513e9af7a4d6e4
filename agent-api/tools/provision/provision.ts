import { readFileSync, writeFileSync } from 'node:fs';
import { readWranglerConfig, type WranglerEnvironment } from '../read-wrangler-config.ts';
import type { CloudflareApi, CloudflareResource, ResourceKind } from './cloudflare-api.ts';
import { type BindingId, writeIds } from './write-ids.ts';

/** Something that the worker binds. */
export interface WantedResource {
  readonly kind: ResourceKind;
  readonly binding: string;
  readonly name: string;
  /** What wrangler.jsonc has now; undefined while zeros stand there. A bucket goes by its name. */
  readonly configuredId?: string;
}

/** What stands between the configuration and an account that has everything. */
export interface ProvisionPlan {
  /** To be made. */
  readonly missing: readonly WantedResource[];
  /** There already, by that name or id. */
  readonly present: readonly (WantedResource & { readonly id: string })[];
}

/** What an environment of wrangler.jsonc binds. @throws Error when there is no such environment */
export function listWanted(configPath: string, environment: string): readonly WantedResource[] {
  const { env } = readWranglerConfig(configPath);
  const settings = env[environment];
  if (settings === undefined || environment === 'dev') {
    const names = Object.keys(env).filter((name) => name !== 'dev');
    throw new Error(`wrangler.jsonc has no environment '${environment}' to deploy; there are: ${names.join(', ')}.`);
  }
  return wantedOf(settings);
}

function wantedOf({ d1_databases = [], kv_namespaces = [], r2_buckets = [] }: WranglerEnvironment): WantedResource[] {
  // KV has no names in the configuration, and may hold those of other environments and programs.
  const prefix = d1_databases[0]?.database_name ?? 'scarmonit';
  return [
    ...d1_databases.map(({ binding, database_name: name, database_id }) => ({
      kind: 'd1' as const,
      binding,
      name,
      ...configured(database_id),
    })),
    ...kv_namespaces.map(({ binding, id }) => ({
      kind: 'kv' as const,
      binding,
      name: `${prefix}-${binding.toLowerCase().replaceAll('_', '-')}`,
      ...configured(id),
    })),
    ...r2_buckets.map(({ binding, bucket_name: name }) => ({ kind: 'r2' as const, binding, name })),
  ];
}

function configured(id: string | undefined): { readonly configuredId?: string } {
  return id === undefined || /^[0-]*$/.test(id) ? {} : { configuredId: id };
}

/**
 * Compares what is wanted with what the account has.
 * @throws Error when the configuration names an id that the account does not have: it may be of another account
 */
export async function planProvision(
  api: CloudflareApi,
  accountId: string,
  wanted: readonly WantedResource[],
): Promise<ProvisionPlan> {
  const kinds = [...new Set(wanted.map(({ kind }) => kind))];
  const lists = await Promise.all(kinds.map(async (kind) => [kind, await api.list(accountId, kind)] as const));
  const there = new Map<ResourceKind, readonly CloudflareResource[]>(lists);
  const plan = { missing: [] as WantedResource[], present: [] as (WantedResource & { id: string })[] };
  for (const resource of wanted) {
    const { kind, name, configuredId, binding } = resource;
    const found = there
      .get(kind)
      ?.find((item) => (configuredId === undefined ? item.name === name : item.id === configuredId));
    if (found !== undefined) plan.present.push({ ...resource, id: found.id });
    else if (configuredId === undefined) plan.missing.push(resource);
    else {
      throw new Error(
        `wrangler.jsonc names ${configuredId} for ${binding}, which the account ${accountId} does not have. ` +
          'Choose the right account with CLOUDFLARE_ACCOUNT_ID, or put zeros there to have a new one made.',
      );
    }
  }
  return plan;
}

/**
 * Makes what is missing and writes the ids into wrangler.jsonc, each as soon as it is known: whatever is interrupted goes
 * on at the next run.
 */
export async function provision(
  api: CloudflareApi,
  accountId: string,
  { missing, present }: ProvisionPlan,
  { environment, configPath, onMade }: ProvisionTarget,
): Promise<void> {
  const save = ({ kind, binding }: WantedResource, id: string): void => {
    if (kind === 'r2') return;
    const field: BindingId['field'] = kind === 'd1' ? 'database_id' : 'id';
    const text = readFileSync(configPath, 'utf8');
    const changed = writeIds(text, environment, [{ binding, field, id }]);
    if (changed !== text) writeFileSync(configPath, changed);
  };
  for (const resource of present) save(resource, resource.id);
  for (const resource of missing) {
    const made = await api.create(accountId, resource.kind, resource.name);
    save(resource, made.id);
    onMade(resource);
  }
}

export interface ProvisionTarget {
  readonly environment: string;
  readonly configPath: string;
  onMade(resource: WantedResource): void;
}
