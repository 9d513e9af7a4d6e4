import type { Anomaly } from '../ports/anomaly-repository.ts';
import { usageWindowMs } from './usage.ts';

/** How many times as much as usual; undefined where nothing is usual, and a factor would be of nothing. */
export function anomalyFactor({ value, usual }: Pick<Anomaly, 'value' | 'usual'>): number | undefined {
  return usual > 0 && Number.isFinite(value / usual) && value / usual < 1e6 ? value / usual : undefined;
}

/** One sentence for people that says who did what, and what is usual. */
export function describeAnomaly(anomaly: Anomaly): string {
  return `${anomaly.kind} ${anomaly.label} ${describeChange(anomaly)}: ${describeFigures(anomaly)}`;
}

function describeChange(anomaly: Anomaly): string {
  const { verb, usual, highest } = words[anomaly.measure];
  const factor = anomalyFactor(anomaly);
  const times = factor === undefined || factor >= 1_000 ? 'far more than' : `${writeFactor(factor)}×`;
  return `${verb[anomaly.kind]} ${times} ${anomaly.isPeak ? highest : usual}`;
}

interface MeasureWords {
  readonly verb: Readonly<Record<Anomaly['kind'], string>>;
  readonly usual: string;
  readonly highest: string;
}

const words: Readonly<Record<Anomaly['measure'], MeasureWords>> = {
  requests: {
    verb: { key: 'made', model: 'got' },
    usual: 'its usual requests',
    highest: 'its highest number of requests',
  },
  errors: {
    verb: { key: 'had', model: 'had' },
    usual: 'its usual errors',
    highest: 'its highest share of errors',
  },
  tokens: {
    verb: { key: 'used', model: 'used' },
    usual: 'its usual tokens a request',
    highest: 'its highest number of tokens a request',
  },
  latency: {
    verb: { key: 'waited', model: 'took' },
    usual: 'its usual time for an answer',
    highest: 'its longest time for an answer',
  },
};

function describeFigures({ measure, value, usual, isPeak }: Anomaly): string {
  const usually = isPeak ? 'before at most' : 'usually';
  const minutes = usageWindowMs / 60_000;
  switch (measure) {
    case 'requests':
      return `${writeNumber(value)} in ${minutes} minutes, ${usually} ${writeNumber(usual)}`;
    case 'errors':
      return `${writePercent(value)} of requests failed, ${usually} ${writePercent(usual)}`;
    case 'tokens':
      return `${writeNumber(value)} tokens a request, ${usually} ${writeNumber(usual)}`;
    case 'latency':
      return `${writeNumber(value)} ms in the middle of all answers, ${usually} ${writeNumber(usual)} ms`;
  }
}

function writeFactor(factor: number): string {
  if (factor >= 10) return String(Math.round(factor));
  return factor >= 1 ? String(Number(factor.toFixed(1))) : String(Number(factor.toPrecision(2)));
}

function writeNumber(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function writePercent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
