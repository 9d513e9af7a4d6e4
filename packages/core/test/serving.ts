import { Deployments } from '../src/deployments/deployments.ts';
import type { ContentWatch } from '../src/drift/content-watch.ts';
import type { ApiKey } from '../src/keys/api-key.ts';
import type { Ids } from '../src/ports/ids.ts';
import type { Prediction } from '../src/ports/prediction-repository.ts';
import { RolloutCounters } from '../src/rollouts/rollout-counters.ts';
import { createRequestAssigner } from '../src/routing/assign-request.ts';
import type { InferenceCall } from '../src/services/agent-services.ts';
import { createApplyManifest } from '../src/services/apply-manifest.ts';
import { createInferenceService } from '../src/services/serve-inference.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeRuntime } from './fake-runtime.ts';
import { createTestPorts, testManifest } from './manifest.ts';

/** A key for tests that may use every model. */
export const testKey: ApiKey = {
  id: 'key1',
  projectId: 'default',
  name: 'test',
  prefix: 'sk-test',
  sha256: '',
  scopes: ['infer'],
  createdAt: 0,
};

/** The real inference service over a runtime and a clock that a test steers, with what it recorded. */
export async function createTestServing(models: Parameters<typeof testManifest>[0], content?: ContentWatch) {
  const clock = createFakeClock();
  const runtime = createFakeRuntime();
  const deployments = new Deployments();
  const records: Prediction[] = [];
  let recorded = 0;
  const ids: Ids = { next: () => `record-${++recorded}`, randomBytes: (bytes) => new Uint8Array(bytes) };
  await createApplyManifest(createTestPorts({ clock, runtime, deployments })).apply(testManifest(models), 'start');
  const counters = new RolloutCounters();
  const assign = createRequestAssigner(counters, { sha256Hex: (text) => text });
  const inference = createInferenceService({
    deployments,
    assign,
    clock,
    ids,
    hash: { sha256Hex: (text) => `sha256(${text})` },
    record: (record) => records.push(record),
    ...(content === undefined ? {} : { content }),
  });
  const client = new AbortController();
  const call = (more: Partial<InferenceCall> = {}): InferenceCall => ({
    requestId: 'req_1',
    key: testKey,
    route: '/v1/chat/completions',
    model: 'chat',
    pin: undefined,
    stream: true,
    // The tests' types know more of a signal than core may.
    signal: client.signal as InferenceCall['signal'],
    ...more,
  });
  return { clock, runtime, deployments, counters, inference, records, call, leave: () => client.abort() };
}
