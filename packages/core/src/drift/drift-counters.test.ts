import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import { dayMs } from '../metrics/windows.ts';
import type { DriftCount } from '../ports/drift-repository.ts';
import { detectScript } from './detect-script.ts';
import { DriftCounters } from './drift-counters.ts';
import { projectEmbedding } from './project-embedding.ts';
import { readInput } from './read-input.ts';

const midnight = 1_699_920_000_000;
const of = { model: 'mood', version: '1.0.0' };
const texts = (text: string) => ({ kind: 'texts', texts: [text] }) as const;
const shown = (counts: readonly DriftCount[]) => counts.map(({ feature, bin, requests }) => [feature, bin, requests]);

describe('drift counters', () => {
  it('counts lengths by octaves, of what was answered', () => {
    const counters = new DriftCounters(createFakeClock(midnight));
    counters.count(testPrediction({ inputTokens: 1, outputTokens: 64 }));
    counters.count(testPrediction({ inputTokens: 100, outputTokens: 127 }));
    counters.count(testPrediction({ inputTokens: 100, outputTokens: 0 }));
    counters.count(testPrediction({ outcome: 'error' }));
    expect(shown(counters.take().counts)).toEqual([
      ['input-tokens', '1', 1],
      ['input-tokens', '64-127', 2],
      ['output-tokens', '64-127', 2],
    ]);
    expect(counters.take().counts).toEqual([]);
  });

  it('counts every label, and looks at one text and one embedding of eight', () => {
    const counters = new DriftCounters(createFakeClock(midnight));
    for (let asked = 0; asked < 16; asked += 1) counters.noteLabels(of, texts('Привет'), ['good', 'bad']);
    expect(shown(counters.take().counts)).toEqual([
      ['label', 'good', 16],
      ['label', 'bad', 16],
      ['script', 'cyrillic', 2],
    ]);
    for (let asked = 0; asked < 8; asked += 1) counters.noteVectors(of, texts('hello'), [Float32Array.of(1, 0, 0)]);
    const features = counters.take().counts.map(({ feature }) => feature);
    expect(features).toEqual(['script', 'embedding-1', 'embedding-2', 'embedding-3', 'embedding-4']);
  });

  it('keeps days apart, and what could not be written', async () => {
    const clock = createFakeClock(midnight + dayMs - 1_000);
    const counters = new DriftCounters(clock);
    counters.noteLabels(of, texts('a'), ['good']);
    await clock.advance(2_000);
    counters.noteLabels(of, texts('a'), ['good']);
    const failed = counters.take();
    counters.noteLabels(of, texts('a'), ['good']);
    failed.putBack();
    expect(counters.take().counts.map(({ day, requests }) => [day, requests])).toEqual([
      [midnight, 1],
      [midnight + dayMs, 1],
      [midnight + dayMs, 1],
    ]);
  });

  it('has a bound on versions and on bins', () => {
    const counters = new DriftCounters(createFakeClock(midnight));
    for (let version = 0; version < 300; version += 1)
      counters.noteLabels({ ...of, version: `${version}` }, texts('a'), ['x']);
    expect(counters.take().counts.filter(({ feature }) => feature === 'label')).toHaveLength(200);
    for (let label = 0; label < 500; label += 1) counters.noteLabels(of, texts('a'), [`l${label}`]);
    const labels = counters.take().counts.filter(({ feature }) => feature === 'label');
    expect(labels).toHaveLength(129);
    expect(labels.at(-1)).toMatchObject({ bin: 'other', requests: 372 });
  });
});

describe('the script of a text', () => {
  it.each([
    ['Hello, мир, hello', 'latin'],
    ['Как дела? ok', 'cyrillic'],
    ['今日は良い天気ですね', 'kana'],
    ['今天天气很好', 'han'],
    ['안녕하세요', 'hangul'],
    ['مرحبا', 'arabic'],
    ['123 !?', 'none'],
    ['', 'none'],
    ['ሰላም', 'other'],
  ])('of %j is %s', (text, script) => {
    expect(detectScript(text)).toBe(script);
  });

  it('takes no longer for a long text', () => {
    expect(detectScript(`${'1'.repeat(400)}привет`)).toBe('none');
  });
});

describe('the text of a request', () => {
  it.each([
    [
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'user', content: 'two' },
        ],
      },
      'two',
    ],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }, { type: 'text', text: 'seen' }] }] }, 'seen'],
    [{ messages: [{ role: 'assistant', content: null }] }, undefined],
    [{ messages: [null, 3] }, undefined],
    [{ prompt: ['first', 'second'] }, 'first'],
    [{ input: 'text' }, 'text'],
    [{ input: [[1, 2]] }, undefined],
    [{ kind: 'text', text: 'raw' }, 'raw'],
    [{}, undefined],
  ])('%j', (request, text) => {
    expect(readInput(request)).toBe(text);
  });
});

describe('projections of an embedding', () => {
  it('do not depend on its length, and differ by direction', () => {
    const vector = Float32Array.from({ length: 384 }, (_, place) => Math.sin(place * 1.7));
    const projected = projectEmbedding(vector);
    expect(projectEmbedding(vector.map((value) => value * 5))).toEqual(projected);
    expect(projectEmbedding(vector.map((value) => -value))).toEqual(projected.map((bin) => 0 - bin));
    expect(new Set(projected).size).toBeGreaterThan(1);
    expect(projectEmbedding(new Float32Array(8))).toEqual([0, 0, 0, 0]);
  });
});
