import { type Health, healthSchema, type Readiness, readinessSchema } from '@scarmonit/protocol/api/health';
import { answerJson } from '../../http/answer.ts';
import type { Route } from '../../route.ts';

export const healthz: Route = {
  method: 'GET',
  path: '/healthz',
  access: 'public',
  limited: false,
  operation: {
    id: 'healthz',
    summary: 'Whether the process answers.',
    tag: 'Health',
    answer: { status: 200, schemas: { Health: healthSchema } },
  },
  handle: (c, parts) => answerJson(c, parts, { status: 'ok' } satisfies Health),
};

export const readyz: Route = {
  method: 'GET',
  path: '/readyz',
  access: 'public',
  limited: false,
  operation: {
    id: 'readyz',
    summary: 'Whether it can serve: 503 with the reasons while it cannot.',
    tag: 'Health',
    answer: { status: 200, schemas: { Readiness: readinessSchema } },
  },
  async handle(c, parts) {
    const { ready, reasons } = await parts.services.health.readiness();
    const body: Readiness = { status: ready ? 'ready' : 'not_ready', reasons: [...reasons] };
    return answerJson(c, parts, body, ready ? 200 : 503);
  },
};
