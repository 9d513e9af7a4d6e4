import {
  type SelfTestReportView,
  selfTestEventSchema,
  selfTestQuerySchema,
  selfTestReportSchema,
} from '@scarmonit/protocol/admin/self-test';
import { answerJson } from '../../http/answer.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';
import { answerSteps, toReportView } from './answer-steps.ts';

export const runSelfTest: Route = {
  method: 'POST',
  path: '/api/admin/rollouts/self-test',
  access: 'admin',
  limited: false,
  operation: {
    id: 'runSelfTest',
    summary: 'Roll planted bad versions and a healthy one out in a sandbox, and show what the gates make of them.',
    tag: 'Admin',
    query: selfTestQuerySchema,
    answer: {
      status: 200,
      schemas: { SelfTestReport: selfTestReportSchema },
      events: { SelfTestEvent: selfTestEventSchema },
    },
  },
  async handle(c, parts) {
    const { stream } = parseValue(selfTestQuerySchema, c.req.query());
    const steps = parts.services.selfTest.run(c.get('key').prefix);
    // A refusal is an answer of its own, and no stream.
    const first = await steps.next();
    if (stream) return answerSteps(c, parts, first, steps);
    const { signal } = c.req.raw;
    let step = first;
    while (step.done !== true) step = await (signal.aborted ? steps.throw(signal.reason) : steps.next());
    return answerJson(c, parts, toReportView(step.value) satisfies SelfTestReportView);
  },
};
