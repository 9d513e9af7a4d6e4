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
          include: ['{agent-api,cli,models,packages,tools}/**/*.test.ts'],
          exclude: [...never, '**/*.e2e.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['{agent-api,cli,models,packages,tools}/**/*.e2e.test.ts'],
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
