/** What was made, or is there: its id is what wrangler.jsonc names it by. */
export interface CloudflareResource {
  readonly name: string;
  readonly id: string;
}

/** The calls of Cloudflare's API that a first deployment makes (developers.cloudflare.com/api). */
export interface CloudflareApi {
  listAccounts(): Promise<readonly CloudflareResource[]>;
  /** All of an account, of one kind. */
  list(accountId: string, kind: ResourceKind): Promise<readonly CloudflareResource[]>;
  create(accountId: string, kind: ResourceKind, name: string): Promise<CloudflareResource>;
  /** Names of the secrets of a worker that is deployed. */
  listSecrets(accountId: string, script: string): Promise<readonly string[]>;
  putSecret(accountId: string, script: string, name: string, value: string): Promise<void>;
}

export type ResourceKind = 'd1' | 'kv' | 'r2';

/** A call that Cloudflare refused or that did not reach it. The message never holds the token. */
export class CloudflareApiError extends Error {
  override readonly name = 'CloudflareApiError';
}

export interface CloudflareApiOptions {
  /** Ends in `/client/v4`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

type Fields = Readonly<Record<string, unknown>>;

interface KindOfResource {
  readonly path: string;
  /** What its list is under, where that is not the result itself. */
  readonly listedUnder?: string;
  readonly nameField: string;
  readonly idField: string;
}

const kinds: Readonly<Record<ResourceKind, KindOfResource>> = {
  d1: { path: 'd1/database', nameField: 'name', idField: 'uuid' },
  kv: { path: 'storage/kv/namespaces', nameField: 'title', idField: 'id' },
  r2: { path: 'r2/buckets', listedUnder: 'buckets', nameField: 'name', idField: 'name' },
};

const perPage = 100;

export function createCloudflareApi({ baseUrl, token, signal }: CloudflareApiOptions): CloudflareApi {
  const call = async (method: string, path: string, body?: Fields): Promise<Fields> => {
    const what = `${method} ${path.split('?')[0]}`;
    const response = await fetch(`${baseUrl}/${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new CloudflareApiError(`Cloudflare's API could not be reached (${what}).`, { cause });
    });
    const answer = (await response.json().catch(() => ({}))) as Fields;
    if (response.ok && answer.success === true) return answer;
    throw new CloudflareApiError(`Cloudflare refused ${what}: ${describeErrors(answer, response.status)}`);
  };

  const readPages = async (
    path: string,
    toItems: (result: unknown) => readonly Fields[],
  ): Promise<readonly Fields[]> => {
    const all: Fields[] = [];
    for (let page = 1; ; page += 1) {
      const { result, result_info } = await call('GET', `${path}?per_page=${perPage}&page=${page}`);
      const items = toItems(result);
      all.push(...items);
      const total = (result_info as { readonly total_count?: number } | undefined)?.total_count ?? all.length;
      if (items.length === 0 || all.length >= total) return all;
    }
  };

  return {
    listAccounts: async () => (await readPages('accounts', asItems)).map((item) => toResource(item, 'name', 'id')),

    list: async (accountId, kind) => {
      const { path, listedUnder, nameField, idField } = kinds[kind];
      const toItems = (result: unknown): readonly Fields[] =>
        asItems(listedUnder === undefined ? result : (result as Fields)[listedUnder]);
      const items = await readPages(`accounts/${accountId}/${path}`, toItems);
      return items.map((item) => toResource(item, nameField, idField));
    },

    create: async (accountId, kind, name) => {
      const { path, nameField, idField } = kinds[kind];
      const { result } = await call('POST', `accounts/${accountId}/${path}`, { [nameField]: name });
      return toResource({ [nameField]: name, ...(result as Fields) }, nameField, idField);
    },

    listSecrets: async (accountId, script) => {
      const { result } = await call('GET', `accounts/${accountId}/workers/scripts/${script}/secrets`);
      return asItems(result).map(({ name }) => String(name));
    },

    putSecret: async (accountId, script, name, value) => {
      const secret = { name, text: value, type: 'secret_text' };
      await call('PUT', `accounts/${accountId}/workers/scripts/${script}/secrets`, secret);
    },
  };
}

function asItems(result: unknown): readonly Fields[] {
  return Array.isArray(result) ? (result as readonly Fields[]) : [];
}

function toResource(item: Fields, nameField: string, idField: string): CloudflareResource {
  const [name, id] = [item[nameField], item[idField]];
  if (typeof name === 'string' && typeof id === 'string' && id !== '') return { name, id };
  throw new CloudflareApiError(`Cloudflare's answer has no ${idField}.`);
}

function describeErrors({ errors }: Fields, status: number): string {
  const all = asItems(errors).map(({ code, message }) => `${String(message)} (${String(code)})`);
  const hint = status === 401 || status === 403 ? ' Look at the token in CLOUDFLARE_API_TOKEN and what it may do.' : '';
  return `${all.length === 0 ? `status ${status}` : all.join('; ')}.${hint}`;
}
