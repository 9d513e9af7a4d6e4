import { startTestHost, testKey } from '../start-test-host.ts';
import { testConformance } from './conformance-suite.ts';

testConformance('Node', { noticesLeaversBeforeFirstByte: true, hasLocalEngines: true }, async (env) => {
  const host = await startTestHost('apiVersion: scarmonit/v1\nmodels: {}\n', env);
  return { url: host.url, adminKey: testKey, close: () => host.close() };
});
