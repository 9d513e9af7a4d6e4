import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { type CloudflareAccess, readToolsConfig, wranglerConfigPath } from '../config.ts';
import { deployWorker } from '../deploy-worker.ts';
import { readWranglerConfig } from '../read-wrangler-config.ts';
import { type CloudflareApi, createCloudflareApi } from './cloudflare-api.ts';
import { listWanted, planProvision, provision, type WantedResource } from './provision.ts';

export interface CloudflareDeployment {
  /** The shell's environment, for the token, the account, and Wrangler. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly environment: string;
  /** Absent: the repository's wrangler.jsonc. */
  readonly configPath?: string;
  readonly isDryRun: boolean;
  /** Asked before anything is made in the account. @returns whether it may be */
  confirm(missing: readonly WantedResource[], accountId: string): Promise<boolean>;
  /** Takes the progress. */
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** What a deployment has done. */
export interface CloudflareDeployed {
  readonly environment: string;
  readonly worker: string;
  /** Names of what was made; empty when everything was there. */
  readonly made: readonly string[];
  /** Of the worker, set now because they were missing. */
  readonly secrets: readonly string[];
  /** The first admin key, when it was made here. Nobody can look it up later. */
  readonly adminKey?: string;
}

/**
 * Deploys the worker, and before it whatever it needs that the account does not have: D1, KV, R2, and afterwards its
 * secrets. Idempotent: what is there by its name or id is used, and secrets that are set stay.
 * @throws Error that says what to do
 */
export async function deployToCloudflare(deployment: CloudflareDeployment): Promise<CloudflareDeployed> {
  const { env, environment, isDryRun, output, signal } = deployment;
  const configPath = deployment.configPath ?? wranglerConfigPath;
  const config = readToolsConfig(env);
  const wanted = listWanted(configPath, environment);
  const worker = `${readWranglerConfig(configPath).name}-${environment}`;
  if (isDryRun) {
    await deployWorker({ config, configPath, environment, isDryRun, output });
    return { environment, worker, made: [], secrets: [] };
  }

  const api = openApi(config.cloudflare, signal);
  const accountId = await chooseAccount(config.cloudflare, api);
  const plan = await planProvision(api, accountId, wanted);
  if (plan.missing.length > 0 && !(await deployment.confirm(plan.missing, accountId))) {
    throw new Error('Nothing was made and nothing deployed.');
  }
  const onMade = ({ kind, name }: WantedResource): void => void output.write(`Made ${kindNames[kind]} ${name}\n`);
  await provision(api, accountId, plan, { environment, configPath, onMade });

  signal.throwIfAborted();
  const wranglerEnvironment = { ...config.wranglerEnvironment, CLOUDFLARE_ACCOUNT_ID: accountId };
  await deployWorker({ config: { ...config, wranglerEnvironment }, configPath, environment, isDryRun, output });
  const secrets = await setMissingSecrets(api, accountId, worker, config.adminKey);
  for (const name of secrets.names) output.write(`Set the secret ${name}\n`);
  return {
    environment,
    worker,
    made: plan.missing.map(({ name }) => name),
    secrets: secrets.names,
    ...(secrets.adminKey === undefined ? {} : { adminKey: secrets.adminKey }),
  };
}

/** Words for what is made, for people. */
export const kindNames = { d1: 'the D1 database', kv: 'the KV namespace', r2: 'the R2 bucket' } as const;

function openApi({ apiToken, apiBaseUrl }: CloudflareAccess, signal: AbortSignal): CloudflareApi {
  if (apiToken !== undefined) return createCloudflareApi({ baseUrl: apiBaseUrl, token: apiToken, signal });
  throw new Error(
    'CLOUDFLARE_API_TOKEN is not set. Make a token at https://dash.cloudflare.com/profile/api-tokens from the template ' +
      '"Edit Cloudflare Workers", add D1: Edit to it, and set the variable.',
  );
}

async function chooseAccount({ accountId }: CloudflareAccess, api: CloudflareApi): Promise<string> {
  if (accountId !== undefined) return accountId;
  const accounts = await api.listAccounts();
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return only.id;
  throw new Error(
    only === undefined
      ? 'The token in CLOUDFLARE_API_TOKEN can see no account. Set CLOUDFLARE_ACCOUNT_ID.'
      : `The token can see several accounts. Set CLOUDFLARE_ACCOUNT_ID to one of: ${accounts.map(({ id, name }) => `${id} (${name})`).join(', ')}.`,
  );
}

async function setMissingSecrets(
  api: CloudflareApi,
  accountId: string,
  worker: string,
  adminKey: string | undefined,
): Promise<{ readonly names: readonly string[]; readonly adminKey?: string }> {
  const there = new Set(await api.listSecrets(accountId, worker));
  const names: string[] = [];
  const set = async (name: string, value: string): Promise<void> => {
    await api.putSecret(accountId, worker, name, value);
    names.push(name);
  };
  // Never again: what is encrypted and signed with it could not be read and checked any more.
  if (!there.has('ENCRYPTION_KEY')) await set('ENCRYPTION_KEY', randomBytes(32).toString('base64'));
  if (there.has('API_KEY')) return { names };
  const key = adminKey ?? `sk-scarmonit-${randomBytes(24).toString('hex')}`;
  await set('API_KEY', key);
  return { names, ...(adminKey === undefined ? { adminKey: key } : {}) };
}
