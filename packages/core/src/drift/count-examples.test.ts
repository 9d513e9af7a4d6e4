import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import { countExamples } from './count-examples.ts';
import { DriftCounters } from './drift-counters.ts';

const shown = (features: ReturnType<typeof countExamples>) => Object.fromEntries(features);

it('counts what examples say, and nothing of what they do not', () => {
  const examples = [
    { input: 'What a film!', output: 'good', inputTokens: 5 },
    { input: ['Какой фильм', 'second'], output: 'good' },
    { input: [{ role: 'user', content: 'Hi' }], inputTokens: 300, outputTokens: 0 },
    { output: 'bad', outputTokens: 1 },
    {},
  ];
  expect(shown(countExamples(examples, 'classification'))).toEqual({
    'input-tokens': { '4-7': 1, '256-511': 1 },
    'output-tokens': { '1': 1 },
    script: { latin: 2, cyrillic: 1 },
    label: { good: 2, bad: 1 },
  });
});

it('takes the words of a chat for no class, and only vectors for embeddings', () => {
  expect(shown(countExamples([{ output: 'An answer.' }, { output: [1, 2] }], 'chat'))).toEqual({});
  const embeddings = shown(countExamples([{ output: [1, 0, 0] }, { output: [] }, { output: ['1'] }], 'embedding'));
  expect(Object.keys(embeddings)).toEqual(['embedding-1', 'embedding-2', 'embedding-3', 'embedding-4']);
});

it('counts as requests are counted', () => {
  const of = { model: 'mood', version: '1.0.0' };
  const counters = new DriftCounters(createFakeClock(0));
  for (const inputTokens of [1, 2, 3, 4, 64, 127, 128, 20_000_000]) counters.count(testPrediction({ inputTokens }));
  for (let asked = 0; asked < 8; asked += 1) {
    counters.noteVectors(of, { kind: 'texts', texts: ['hello'] }, [Float32Array.of(0.3, -2, 0.7)]);
  }
  const lengths = [1, 2, 3, 4, 64, 127, 128, 20_000_000].map((inputTokens) => ({ inputTokens }));
  const counted = countExamples([...lengths, { input: 'hello', output: [0.3, -2, 0.7] }], 'embedding');
  const told = counters.take().counts.filter(({ feature }) => feature !== 'output-tokens');
  const fromExamples = [...counted].flatMap(([feature, bins]) =>
    Object.entries(bins).map(([bin, requests]) => `${feature} ${bin} ${requests}`),
  );
  expect(fromExamples.sort()).toEqual(told.map(({ feature, bin, requests }) => `${feature} ${bin} ${requests}`).sort());
});
