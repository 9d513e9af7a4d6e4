import { convertV4MiniflareOptions, Miniflare } from 'miniflare';

/** A worker in a workerd of its own. */
export interface RunningWorkerd {
  readonly url: string;
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
  return { url, stop: () => workerd.dispose() };
}
