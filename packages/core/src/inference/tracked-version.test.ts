import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testVersion } from '../../test/manifest.ts';
import { testKey } from '../../test/serving.ts';
import type { ClassifyResult, LoadedVersion } from '../ports/model-runtime.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { InferenceCall } from '../services/agent-services.ts';
import { plainAnswerDigest } from '../shadow/plain-answer.ts';
import { RequestPrice } from './request-cost.ts';
import { TrackedRequest } from './tracked-request.ts';
import { TrackedVersion } from './tracked-version.ts';

const hash = { sha256Hex: (text: string) => `sha256(${text})` };

function open(classify: () => Promise<ClassifyResult>) {
  const records: Prediction[] = [];
  const spec = testVersion('sentiment', '1.0.0');
  const call: InferenceCall = {
    requestId: 'req_1',
    key: testKey,
    route: '/api/infer',
    model: 'sentiment',
    pin: undefined,
    stream: false,
    signal: new AbortController().signal as InferenceCall['signal'],
  };
  const tracking = {
    ports: {
      clock: createFakeClock(),
      ids: { next: () => 'record-1', randomBytes: (bytes: number) => new Uint8Array(bytes) },
      hash,
      nameEndUser: () => 'somebody',
      record: (record: Prediction) => records.push(record),
    },
    timeoutMs: 1_000,
    limitedBy: spec,
    price: new RequestPrice(spec.prices),
    assignment: undefined,
  };
  const loaded = { classify } as unknown as LoadedVersion;
  const track = () => new TrackedRequest(call, spec, tracking);
  return { version: new TrackedVersion(loaded, spec, { model: 'sentiment', version: '1.0.0' }, track), records };
}

const input = { kind: 'texts', texts: ['I love it'] } as const;

it('records of a classification the digest that a label of the same class has, and not the class', async () => {
  const results = [
    [
      { label: 'Positive', score: 0.9 },
      { label: 'negative', score: 0.1 },
    ],
  ];
  const { version, records } = open(async () => ({ results, inputTokens: 3 }));
  await version.classify({ input });
  expect(records).toMatchObject([{ outcome: 'ok', answer: plainAnswerDigest('positive', hash), endUser: 'somebody' }]);
});

it('records no answer of a classification that failed', async () => {
  const { version, records } = open(() => Promise.reject(new Error('The engine broke.')));
  await expect(version.classify({ input })).rejects.toThrow();
  expect(records).toMatchObject([{ outcome: 'error' }]);
  expect(records[0]).not.toHaveProperty('answer');
});
