import { type SelfTestReportView, selfTestReportSchema } from '@scarmonit/protocol/admin/self-test';
import { answerJson } from '../../http/answer.ts';
import type { Route } from '../../route.ts';

export const runSelfTest: Route = {
  method: 'POST',
  path: '/api/admin/rollouts/self-test',
  access: 'admin',
  limited: false,
  operation: {
    id: 'runSelfTest',
    summary: 'Roll planted bad versions and a healthy one out in a sandbox, and show what the gates make of them.',
    tag: 'Admin',
    answer: { status: 200, schemas: { SelfTestReport: selfTestReportSchema } },
  },
  async handle(c, parts) {
    const report = await parts.services.selfTest.run(c.get('key').prefix);
    return answerJson(c, parts, { ...report, cases: [...report.cases] } satisfies SelfTestReportView);
  },
};
