import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import { createSlowRequestLog, type SlowRequest } from './slow-requests.ts';

it('logs what took longer than five seconds, with path, duration and client', () => {
  const lines: SlowRequest[] = [];
  const note = createSlowRequestLog(createFakeClock(), (slow) => lines.push(slow));
  note(testPrediction({ latencyMs: 5_000 }));
  note(testPrediction({ latencyMs: 5_000.6, outcome: 'timeout', endUser: 'secret' }));
  expect(lines).toEqual([
    {
      requestId: 'req_1',
      path: '/v1/chat/completions',
      durationMs: 5_001,
      client: 'key1',
      model: 'chat',
      version: '1.0.0',
      outcome: 'timeout',
      stream: false,
    },
  ]);
});

it('does not fill the log where long answers are the rule, and says how many it left out', async () => {
  const clock = createFakeClock();
  const lines: SlowRequest[] = [];
  const note = createSlowRequestLog(clock, (slow) => lines.push(slow));
  for (let number = 0; number < 25; number += 1) note(testPrediction({ latencyMs: 9_000 }));
  await clock.advance(1_000);
  note(testPrediction({ latencyMs: 9_000 }));
  note(testPrediction({ latencyMs: 9_000 }));
  expect(lines.map(({ notLogged }) => notLogged)).toEqual([...Array(10).fill(undefined), 15, undefined]);
});
