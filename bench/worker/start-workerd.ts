import { convertV4MiniflareOptions, Miniflare } from 'miniflare';

/** A worker in a workerd of its own. */
export interface RunningWorkerd {
  readonly url: string;
  /** What the isolate of the worker holds, garbage that is not yet collected among it. */
  readHeapBytes(): Promise<number>;
  stop(): Promise<void>;
}

export interface WorkerdOptions {
  /** One finished module. */
  readonly script: string;
  readonly bindings: Readonly<Record<string, string>>;
}

/** Starts workerd with the bindings that wrangler.jsonc names, all in memory. Resolves when it listens. */
export async function startWorkerd({ script, bindings }: WorkerdOptions): Promise<RunningWorkerd> {
  const hasObjects = script.includes('DeploymentCoordinator');
  const workerd = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script,
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
      host: '127.0.0.1',
      port: 0,
      inspectorPort: 0,
      bindings: { ...bindings },
      d1Databases: ['DB'],
      kvNamespaces: ['MODEL_CACHE', 'METRICS', 'USER_DATA'],
      r2Buckets: ['MODEL_BUCKET'],
      ...(hasObjects
        ? {
            durableObjects: {
              RATE_LIMITER: { className: 'RateLimiter', useSQLite: true },
              DEPLOYMENT_COORDINATOR: { className: 'DeploymentCoordinator', useSQLite: true },
            },
          }
        : {}),
    }),
  );
  const url = (await workerd.ready).origin;
  return {
    url,
    readHeapBytes: async () => readHeap(await workerd.getInspectorURL()),
    stop: () => workerd.dispose(),
  };
}

interface HeapUsage {
  readonly usedSize: number;
  /** Of array buffers, which live outside of the heap. */
  readonly backingStorageSize: number;
}

/** Asks workerd's inspector, which speaks the protocol of Chrome's. */
async function readHeap(inspector: URL): Promise<number> {
  const socket = new WebSocket(`ws://${inspector.host}/core:user:`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const { usedSize, backingStorageSize } = await new Promise<HeapUsage>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result: HeapUsage };
      if (answer.id === 1) resolve(answer.result);
    });
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.getHeapUsage' }));
  });
  socket.close();
  return usedSize + backingStorageSize;
}
