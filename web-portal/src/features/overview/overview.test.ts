import type { FigureReportView, ModelOverviewView } from '@scarmonit/protocol/admin/overview';
import { describe, expect, it } from 'vitest';
import { judgeModel } from './judge-model.ts';
import { listFigures, listFurtherFigures } from './list-figures.ts';
import { nameRefusals } from './name-refusals.ts';

const now = 1_790_000_000_000;
type Names = keyof ModelOverviewView['figures'];

const unknown: FigureReportView = {
  figure: { value: null, reason: 'Nobody has asked yet.' },
  goal: null,
  series: null,
};

const known = (value: number, rest: Partial<FigureReportView> = {}): FigureReportView => ({
  figure: { value, interval: null, samples: 400 },
  goal: null,
  series: null,
  ...rest,
});

const overviewOf = (figures: Partial<Record<Names, FigureReportView>>): ModelOverviewView => ({
  model: 'support-chat',
  task: 'chat',
  stable: '1.2.0',
  candidate: null,
  weight: 0,
  updatedAt: now - 7_200_000,
  updatedBy: 'manifest',
  figures: {
    latencyP95Ms: unknown,
    firstTokenP95Ms: unknown,
    errorRate: unknown,
    throughputRps: unknown,
    accuracy: unknown,
    satisfaction: unknown,
    taskCompletion: unknown,
    costPerRequestUsd: unknown,
    uptime: unknown,
    activeUsers5m: unknown,
    activeUsers24h: unknown,
    ...figures,
  },
  versions: [],
});

const partsOf = (figures: Partial<Record<Names, FigureReportView>>) => ({
  overview: overviewOf(figures),
  window: 'last hour',
  lastStepAt: now - 30_000,
  readAt: now,
  now,
});

const find = (figures: Partial<Record<Names, FigureReportView>>, title: string) =>
  listFigures(partsOf(figures)).find((figure) => figure.title === title);

describe('the figures', () => {
  it('are the eight of the overview', () => {
    expect(listFigures(partsOf({})).map(({ title }) => title)).toEqual([
      'P95 latency',
      'Error rate',
      'Throughput',
      'Accuracy',
      'Version',
      'Uptime',
      'Last updated',
      'Active users',
    ]);
  });

  it('that nobody knows have the reason and no value', () => {
    for (const { title, measure, why } of listFigures(partsOf({}))) {
      if (title === 'Version' || title === 'Last updated') continue;
      expect({ title, measure, why }).toEqual({ title, measure: undefined, why: 'Nobody has asked yet.' });
    }
  });

  it('show nothing as nothing, and not as unknown', () => {
    expect(
      find({ errorRate: known(0), activeUsers5m: known(0), activeUsers24h: known(3) }, 'Error rate'),
    ).toMatchObject({
      measure: { value: '0', unit: '%' },
    });
    expect(find({ activeUsers5m: known(0), activeUsers24h: known(3) }, 'Active users')).toMatchObject({
      measure: { value: '0', unit: '' },
      note: '3 in the last 24 h',
    });
  });

  it('tell the goal, whether it is met, and what is left of its budget', () => {
    const goal = { target: 500, isMet: false, budgetLeft: -0.2 };
    const latency = find({ latencyP95Ms: known(501, { goal, series: [null, 501] }) }, 'P95 latency');
    expect(latency).toMatchObject({
      measure: { value: '501', unit: 'ms' },
      goal: { text: 'at most 500\u00a0ms', isMet: false, budgetLeft: -0.2 },
      goalLine: 500,
      series: [null, 501],
    });
  });

  it('judge no throughput, and say what it is lately, by a step that is more than begun', () => {
    const goal = { target: 100, isMet: null, budgetLeft: null };
    const parts = partsOf({ throughputRps: known(2, { goal, series: [1, 12, 3] }) });
    const noteAt = (readAt: number) => listFigures({ ...parts, readAt })[2]?.note;
    expect(listFigures(parts)[2]).toMatchObject({ goal: { text: 'made for 100 req/s', isMet: undefined } });
    expect([noteAt(now), noteAt(now - 20_000)]).toEqual(['3 req/s lately', '12 req/s lately']);
  });

  it('of a sample say how large it is and how far off they may be', () => {
    const figure = { value: 0.972, interval: { low: 0.951, high: 0.984 }, samples: 1234 };
    expect(find({ accuracy: { figure, goal: null, series: null } }, 'Accuracy')).toMatchObject({
      measure: { value: '97.2', unit: '%' },
      of: '1,234 labels, 30 d',
      note: 'between 95.1 and 98.4\u00a0%',
    });
  });

  it('beyond the eight stand where a goal was declared for them', () => {
    const goal = { target: 0.001, isMet: true, budgetLeft: null };
    const further = listFurtherFigures(
      partsOf({ costPerRequestUsd: known(0.0002, { goal }), satisfaction: known(0.9) }),
    );
    expect(further).toEqual([
      expect.objectContaining({ title: 'Cost a request', measure: { value: '$0.0002', unit: '' } }),
    ]);
  });
});

describe('a model at a glance', () => {
  const goalOf = (isMet: boolean | null) => ({ target: 1, isMet, budgetLeft: null });
  it.each([
    [{ latencyP95Ms: known(2, { goal: goalOf(false) }), errorRate: known(0, { goal: goalOf(true) }) }, 'bad'],
    [{ errorRate: known(0, { goal: goalOf(true) }), throughputRps: known(1, { goal: goalOf(null) }) }, 'good'],
    [{ throughputRps: known(1, { goal: goalOf(null) }) }, 'neutral'],
  ] as const)('is judged by the goals that can be judged: %#', (figures, tone) => {
    expect(judgeModel(overviewOf(figures)).tone).toBe(tone);
  });
});

describe('what was refused before a model was chosen', () => {
  const none = {
    unauthenticated: 0,
    forbidden: 0,
    rate_limited: 0,
    unknown_model: 0,
    unknown_version: 0,
    invalid_request: 0,
    payload_too_large: 0,
  };

  it('is not spoken of when there was nothing', () => {
    expect(nameRefusals(none)).toBeUndefined();
    expect(nameRefusals(null)).toBeUndefined();
  });

  it('is told by reason, most first', () => {
    expect(nameRefusals({ ...none, rate_limited: 1 })).toBe(
      '1 request was refused before a model was chosen: over the limit of their key.',
    );
    expect(nameRefusals({ ...none, unknown_model: 3, unauthenticated: 1_200 })).toBe(
      '1,203 requests were refused before a model was chosen: 1,200 without a valid key, 3 for an unknown model.',
    );
  });
});
