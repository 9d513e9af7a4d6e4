import type { HistogramValue, MetricFamily, MetricSample } from '@scarmonit/core/telemetry/metric-family';

/** How collectors want it: Prometheus's own text format (0.0.4), or the standard that was made of it. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

export const contentTypeOf: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Units that a name may end with; OpenMetrics wants them told apart. */
const units = ['seconds', 'bytes', 'ratio', 'usd'] as const;

/**
 * Writes families as text.
 * @see https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
export function formatMetrics(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const text = families.map((family) => formatFamily(family, format)).join('');
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function formatFamily(family: MetricFamily, format: ExpositionFormat): string {
  const { name, type, help, samples } = family;
  // Prometheus's format describes the series, which for a counter is named another way than its family.
  const described = type === 'counter' && format === 'prometheus' ? `${name}_total` : name;
  const unit = units.find((each) => name.endsWith(`_${each}`));
  const head = [`# HELP ${described} ${escapeHelp(help)}`, `# TYPE ${described} ${type}`];
  if (unit !== undefined && format === 'openmetrics') head.push(`# UNIT ${name} ${unit}`);
  return `${[...head, ...samples.flatMap((sample) => formatSample(family, sample))].join('\n')}\n`;
}

function formatSample({ name, type }: MetricFamily, { labels, value }: MetricSample): readonly string[] {
  if (typeof value !== 'number') return formatHistogram(name, labels, value);
  return [`${type === 'counter' ? `${name}_total` : name}${formatLabels(labels)} ${formatNumber(value)}`];
}

function formatHistogram(
  name: string,
  labels: MetricSample['labels'],
  { buckets, count, sum }: HistogramValue,
): readonly string[] {
  const bucket = (le: string, upTo: number): string =>
    `${name}_bucket${formatLabels({ ...labels, le })} ${formatNumber(upTo)}`;
  return [
    ...buckets.map(({ atMost, count: upTo }) => bucket(formatBound(atMost), upTo)),
    bucket('+Inf', count),
    `${name}_sum${formatLabels(labels)} ${formatNumber(sum)}`,
    `${name}_count${formatLabels(labels)} ${formatNumber(count)}`,
  ];
}

/** As OpenMetrics wants floats, in both formats: another text would be another series. */
function formatBound(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function formatLabels(labels: MetricSample['labels']): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
