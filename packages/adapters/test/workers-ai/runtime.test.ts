import { afterAll, beforeAll } from 'vitest';
import { testUpstreamRuntime } from '../contracts/model-runtime.ts';
import { carriers, WorkersAi } from './open-workers-ai.ts';

let platform: WorkersAi;
beforeAll(async () => {
  platform = await WorkersAi.start();
});
afterAll(() => platform.close());

for (const carrier of carriers) {
  for (const task of ['chat', 'embedding', 'classification'] as const) {
    testUpstreamRuntime(`workers-ai by ${carrier}, ${task}`, task, async () => {
      return async (options = {}) => (await platform.open(carrier, { task, options })).version;
    });
  }
}
