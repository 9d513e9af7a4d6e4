import { answerHeaders } from '../http/answer.ts';
import type { Route } from '../route.ts';
import { contentTypeOf, type ExpositionFormat, formatMetrics } from './format-open-metrics.ts';

/** What there is to collect, for Prometheus and what speaks its formats. */
export const getMetrics: Route = {
  method: 'GET',
  path: '/metrics',
  access: 'read',
  limited: false,
  operation: {
    id: 'getMetrics',
    summary: 'Figures for Prometheus, in its text format or as OpenMetrics, as the Accept header asks.',
    tag: 'Admin',
    answer: { status: 200, texts: ['text/plain', 'application/openmetrics-text'] },
  },
  async handle(c, parts) {
    const format = chooseFormat(c.req.header('accept') ?? '');
    const body = formatMetrics(await parts.services.exposition.collect(), format);
    return { status: 200, headers: { ...answerHeaders(c, parts), 'content-type': contentTypeOf[format] }, body };
  },
};

/** OpenMetrics for who names its version 1 and does not refuse it. */
function chooseFormat(accept: string): ExpositionFormat {
  const wanted = accept.split(',').find((range) => /^\s*application\/openmetrics-text\s*(;|$)/.test(range));
  if (wanted === undefined || /;\s*q=0(\.0*)?\s*(;|$)/.test(wanted)) return 'prometheus';
  const version = /;\s*version=([\d.]+)/.exec(wanted)?.[1];
  return version === undefined || version.startsWith('1.') ? 'openmetrics' : 'prometheus';
}
