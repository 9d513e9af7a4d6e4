import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An account at a stand-in for Cloudflare's API: what a deployment calls of it, with a memory. */
export interface CloudflareAccount {
  /** For `CLOUDFLARE_API_BASE_URL`. */
  readonly apiBaseUrl: string;
  readonly accountId: string;
  readonly token: string;
  readonly databases: Map<string, string>;
  readonly namespaces: Map<string, string>;
  readonly buckets: Set<string>;
  /** Secrets of each worker that was deployed. */
  readonly workers: Map<string, Map<string, string>>;
  /** SQL that was run on each database, by id. */
  readonly sql: Map<string, string[]>;
  /** Every call, as `METHOD path`, without queries. */
  readonly calls: string[];
  /** Answers the next call of this method and path with an error. */
  refuseNext(call: string): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status?: number;
  readonly result: unknown;
  readonly errors?: readonly { readonly code: number; readonly message: string }[];
}

type Handler = (request: { readonly ids: readonly string[]; readonly body: string }) => Answer;

const accountId = 'a'.repeat(32);
const token = 'only-for-tests-of-deployments';

/** Starts one with nothing in it. */
export async function startCloudflareAccount(): Promise<CloudflareAccount> {
  const state = {
    accountId,
    token,
    databases: new Map<string, string>(),
    namespaces: new Map<string, string>(),
    buckets: new Set<string>(),
    workers: new Map<string, Map<string, string>>(),
    sql: new Map<string, string[]>(),
    calls: [] as string[],
  };
  const refused = new Set<string>();
  const routes = describeRoutes(state);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace('/client/v4/', '');
    const call = `${request.method} ${path}`;
    const body = await text(request);
    state.calls.push(call);
    if (request.headers.authorization !== `Bearer ${token}`) {
      return { status: 403, result: null, errors: [{ code: 10_000, message: 'Authentication error' }] };
    }
    if (refused.delete(call)) return { status: 500, result: null, errors: [{ code: 7_000, message: 'Try later' }] };
    for (const [pattern, handle] of routes) {
      const ids = pattern.exec(call)?.slice(1);
      if (ids !== undefined) return handle({ ids, body });
    }
    return { status: 404, result: null, errors: [{ code: 7_003, message: `No route for ${call}` }] };
  };

  const server = createServer(async (request, response) => {
    const { status = 200, result, errors = [] } = await answer(request);
    const total_count = Array.isArray(result) ? result.length : 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ success: errors.length === 0, result, errors, messages: [], result_info: { total_count } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...state,
    apiBaseUrl: `http://127.0.0.1:${port}/client/v4`,
    refuseNext: (call) => void refused.add(call),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const noWorker: Answer = {
  status: 404,
  result: null,
  errors: [{ code: 10_007, message: 'This Worker does not exist on your account.' }],
};

type State = Pick<CloudflareAccount, 'databases' | 'namespaces' | 'buckets' | 'workers' | 'sql'>;

function describeRoutes({
  databases,
  namespaces,
  buckets,
  workers,
  sql,
}: State): readonly (readonly [RegExp, Handler])[] {
  const here = `accounts/${accountId}`;
  const on = (call: string, handle: Handler): readonly [RegExp, Handler] => [new RegExp(`^${call}$`), handle];
  const toList = (map: ReadonlyMap<string, string>, name: string, id: string): object[] =>
    [...map].map(([key, value]) => ({ [name]: key, [id]: value }));
  return [
    on('GET accounts', () => ({ result: [{ id: accountId, name: 'Tests' }] })),
    on(`GET ${here}/d1/database`, () => ({ result: toList(databases, 'name', 'uuid') })),
    on(`POST ${here}/d1/database`, ({ body }) => {
      const { name } = JSON.parse(body) as { name: string };
      const uuid = crypto.randomUUID();
      databases.set(name, uuid);
      return { result: { name, uuid } };
    }),
    on(`GET ${here}/storage/kv/namespaces`, () => ({ result: toList(namespaces, 'title', 'id') })),
    on(`POST ${here}/storage/kv/namespaces`, ({ body }) => {
      const { title } = JSON.parse(body) as { title: string };
      const id = crypto.randomUUID().replaceAll('-', '');
      namespaces.set(title, id);
      return { result: { title, id } };
    }),
    on(`GET ${here}/r2/buckets`, () => ({ result: { buckets: [...buckets].map((name) => ({ name })) } })),
    on(`POST ${here}/r2/buckets`, ({ body }) => {
      const { name } = JSON.parse(body) as { name: string };
      buckets.add(name);
      return { result: { name } };
    }),
    on(`POST ${here}/d1/database/([0-9a-f-]+)/query`, ({ ids: [id = ''], body }) => {
      const { sql: statement } = JSON.parse(body) as { sql: string };
      sql.set(id, [...(sql.get(id) ?? []), statement]);
      return { result: [{ success: true, results: [], meta: {} }] };
    }),
    // What follows is what `wrangler deploy` asks on its way.
    on(`GET ${here}/workers/services/([\\w-]+)`, ({ ids: [worker = ''] }) =>
      workers.has(worker)
        ? { result: { default_environment: { environment: 'production', script: { last_deployed_from: 'wrangler' } } } }
        : { status: 404, result: null, errors: [{ code: 10_090, message: 'workers.api.error.service_not_found' }] },
    ),
    on(`GET ${here}/r2/buckets/([\\w-]+)`, ({ ids: [name = ''] }) =>
      buckets.has(name)
        ? { result: { name } }
        : { status: 404, result: null, errors: [{ code: 10_006, message: 'The specified bucket does not exist.' }] },
    ),
    on(`GET ${here}/workers/scripts/([\\w-]+)/settings`, ({ ids: [worker = ''] }) =>
      workers.has(worker) ? { result: { bindings: [] } } : noWorker,
    ),
    on(`GET ${here}/workers/scripts/([\\w-]+)/deployments`, ({ ids: [worker = ''] }) =>
      workers.has(worker) ? { result: { deployments: [] } } : noWorker,
    ),
    on(`(?:GET|PATCH) ${here}/workers/workers/([\\w-]+)`, ({ ids: [worker = ''] }) =>
      workers.has(worker)
        ? { result: { id: worker, name: worker, tags: [], subdomain: { enabled: true, previews_enabled: true } } }
        : noWorker,
    ),
    on(`PATCH ${here}/workers/scripts/[\\w-]+/script-settings`, () => ({ result: {} })),
    on(`PATCH ${here}/workers/services/[\\w-]+/environments/production`, () => ({ result: {} })),
    on(`GET ${here}/workers/subdomain`, () => ({ result: { subdomain: 'tests' } })),
    on(`(?:GET|POST) ${here}/workers/scripts/[\\w-]+/subdomain`, () => ({
      result: { enabled: true, previews_enabled: true },
    })),
    on(`(?:GET|PUT) ${here}/workers/scripts/[\\w-]+/schedules`, () => ({ result: { schedules: [] } })),
    // Every file of the portal is known here already.
    on(`POST ${here}/workers/scripts/[\\w-]+/assets-upload-session`, () => ({ result: { jwt: 'known', buckets: [] } })),
    on(`PUT ${here}/workers/scripts/([\\w-]+)`, ({ ids: [worker = ''] }) => {
      workers.set(worker, workers.get(worker) ?? new Map());
      return { result: { id: worker, startup_time_ms: 10 } };
    }),
    on(`GET ${here}/workers/scripts/([\\w-]+)/secrets`, ({ ids: [worker = ''] }) =>
      workers.has(worker)
        ? { result: [...(workers.get(worker) ?? [])].map(([name]) => ({ name, type: 'secret_text' })) }
        : noWorker,
    ),
    on(`PUT ${here}/workers/scripts/([\\w-]+)/secrets`, ({ ids: [worker = ''], body }) => {
      const { name, text: value } = JSON.parse(body) as { name: string; text: string };
      workers.get(worker)?.set(name, value);
      return { result: { name } };
    }),
  ];
}
