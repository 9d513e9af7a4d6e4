import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { listNotRun } from './tools/optional-parts.ts';

const never = ['**/node_modules/**', '**/.scarmonit*/**', ...listNotRun().flatMap(({ files }) => files)];

export default defineConfig({
  test: {
    // Node runs the TypeScript itself, as it does in production: what it cannot strip fails here, too.
    experimental: { viteModuleRunner: false },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{agent-api,cli,models,packages,tools,web-portal}/**/*.test.ts'],
          exclude: [...never, '**/*.e2e.test.ts', '**/test/workerd/**'],
          testTimeout: 10_000,
        },
      },
      {
        // What Cloudflare runs, in what Cloudflare runs it in.
        plugins: [
          cloudflareTest({
            main: './packages/adapters/test/workerd/worker.ts',
            miniflare: {
              compatibilityDate: '2026-10-01',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB'],
              kvNamespaces: ['MODEL_CACHE', 'METRICS', 'USER_DATA'],
              r2Buckets: ['MODEL_BUCKET'],
              durableObjects: {
                RATE_LIMITER: { className: 'RateLimiter', useSQLite: true },
                DEPLOYMENT_COORDINATOR: { className: 'DeploymentCoordinator', useSQLite: true },
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['{agent-api,packages/adapters}/test/workerd/**/*.test.ts'],
          globalSetup: ['packages/adapters/test/workerd/start-origins.ts'],
          experimental: { viteModuleRunner: true },
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['{agent-api,cli,models,packages,tools,web-portal}/**/*.e2e.test.ts'],
          exclude: never,
          // Real engines want the processor for themselves.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
