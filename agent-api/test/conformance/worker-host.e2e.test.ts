import { startWorkerHost, workerTestKey } from '../start-worker-host.ts';
import { testConformance } from './conformance-suite.ts';

testConformance('Worker', { noticesLeaversBeforeFirstByte: false, hasLocalEngines: false }, async (env) => {
  const host = await startWorkerHost(env);
  return { url: host.url, adminKey: workerTestKey, close: () => host.close() };
});
