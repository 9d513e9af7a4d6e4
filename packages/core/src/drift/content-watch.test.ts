import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testUpstream } from '../../test/manifest.ts';
import { createTestServing } from '../../test/serving.ts';
import { DriftCounters } from './drift-counters.ts';

/** Eight requests, of which one is looked at. */
async function askEightTimes(ask: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < 8; time += 1) await ask();
}

describe('what is watched of requests', () => {
  it('is the script of texts, whichever way they take', async () => {
    const counters = new DriftCounters(createFakeClock());
    const models = { chat: ['1.0.0'], far: [testUpstream('far', '1.0.0')] };
    const { inference, call } = await createTestServing(models, counters);
    await askEightTimes(() =>
      inference.serve(call(), 'chat', (version) =>
        version.generate({
          input: { kind: 'messages', messages: [{ role: 'user', content: 'Καλημέρα' }] },
          maxTokens: 5,
          stop: [],
          format: { type: 'text' },
          tools: [],
          toolChoice: 'none',
        }),
      ),
    );
    const body = { model: 'far', messages: [{ role: 'user', content: 'שלום' }] };
    await askEightTimes(() =>
      inference.serve(call({ model: 'far' }), 'chat', (version) =>
        version.forward({ endpoint: 'chat/completions', body }),
      ),
    );
    const counts = counters.take().counts.map(({ model, version, feature, bin, requests }) => {
      return [model, version, feature, bin, requests];
    });
    expect(counts).toEqual([
      ['chat', '1.0.0', 'script', 'greek', 1],
      ['far', '1.0.0', 'script', 'hebrew', 1],
    ]);
  });

  it('is where embeddings point', async () => {
    const counters = new DriftCounters(createFakeClock());
    const { inference, call } = await createTestServing({ vectors: ['1.0.0'] }, counters);
    const input = { kind: 'texts', texts: ['hello'] } as const;
    await askEightTimes(() =>
      inference.serve(call({ model: 'vectors' }), 'embedding', (version) => version.embed({ input })),
    );
    const features = counters.take().counts.map(({ feature, requests }) => [feature, requests]);
    expect(features).toEqual([
      ['script', 1],
      ['embedding-1', 1],
      ['embedding-2', 1],
      ['embedding-3', 1],
      ['embedding-4', 1],
    ]);
  });
});
