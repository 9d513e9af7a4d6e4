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
  const factor = anomalyFactor(anomaly);
  const usual = anomaly.isPeak ? 'the most it ever had of' : 'its usual';
  const times = factor === undefined || factor >= 1_000 ? 'far beyond' : `${writeFactor(factor)}×`;
  const [verb, noun] = words[anomaly.measure][anomaly.kind];
  return `${verb} ${times} ${usual} ${noun}`;
}

const words: Readonly<Record<Anomaly['measure'], Readonly<Record<Anomaly['kind'], readonly [string, string]>>>> = {
  requests: { key: ['made', 'requests'], model: ['got', 'requests'] },
  errors: { key: ['had', 'errors'], model: ['had', 'errors'] },
  tokens: { key: ['used', 'tokens a request'], model: ['used', 'tokens a request'] },
  latency: { key: ['waited', 'time for an answer'], model: ['took', 'time to answer'] },
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
