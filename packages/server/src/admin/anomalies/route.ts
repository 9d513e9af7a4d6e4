import { anomalyFactor, describeAnomaly } from '@scarmonit/core/anomalies/describe-anomaly';
import type { Anomaly } from '@scarmonit/core/ports/anomaly-repository';
import {
  type AnomalyPage,
  type AnomalyView,
  anomalyPageSchema,
  anomalyQuerySchema,
} from '@scarmonit/protocol/admin/anomaly';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

export const listAnomalies: Route = {
  method: 'GET',
  path: '/api/admin/anomalies',
  access: 'read',
  limited: false,
  operation: {
    id: 'listAnomalies',
    summary: 'What models and keys were seen to do that they do not usually do, newest first.',
    tag: 'Admin',
    query: anomalyQuerySchema,
    answer: { status: 200, schemas: { AnomalyPage: anomalyPageSchema } },
  },
  async handle(c, parts) {
    const { limit, open, ...filter } = parseValue(anomalyQuerySchema, c.req.query());
    const { projectId } = c.get('key');
    const isOpen = open === undefined ? undefined : open === 'true';
    const query = { limit: limit + 1, ...dropNullish({ isOpen, ...filter }) };
    const [found, openNow] = await Promise.all([
      parts.services.anomalies.list(projectId, query),
      parts.services.anomalies.countOpen(projectId),
    ]);
    const data = found.slice(0, limit).map(toAnomalyView);
    const nextBefore = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return answerJson(c, parts, { data, open: openNow, nextBefore } satisfies AnomalyPage);
  },
};

function toAnomalyView(anomaly: Anomaly): AnomalyView {
  const { isPeak: _, until, ...rest } = anomaly;
  const factor = anomalyFactor(anomaly) ?? null;
  return { ...rest, factor, summary: describeAnomaly(anomaly), until: until ?? null };
}
