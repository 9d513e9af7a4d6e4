import {
  alertReportSchema,
  alertTestReportSchema,
  newSilenceSchema,
  silenceSchema,
} from '@scarmonit/protocol/admin/alert';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody } from '../../http/parse-body.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toReportView, toSilenceView, toTestReportView } from './to-alert-view.ts';

const path = '/api/admin/alerts';

export const listAlerts: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listAlerts',
    summary: 'What fires, what is about to, what was resolved lately; what is silenced, watched, and told to whom.',
    tag: 'Admin',
    answer: { status: 200, schemas: { AlertReport: alertReportSchema } },
  },
  async handle(c, parts) {
    return answerJson(c, parts, toReportView(await parts.services.alerts.report()));
  },
};

export const silenceAlerts: Route = {
  method: 'POST',
  path: `${path}/silences`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'silenceAlerts',
    summary: 'Keep alerts of a rule, a model or a kind from the channels for a while. They are shown all the same.',
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { NewSilence: newSilenceSchema } },
    answer: { status: 201, schemas: { Silence: silenceSchema } },
  },
  async handle(c, parts) {
    const { minutes, reason, rule, ...matchers } = parseBody(newSilenceSchema, c.get('body'));
    const wanted = { minutes, reason, ...dropNullish({ ruleId: rule, ...matchers }) };
    const silence = await parts.services.alerts.silence(wanted, c.get('key').prefix);
    return answerJson(c, parts, toSilenceView(silence), 201);
  },
};

export const endSilence: Route = {
  method: 'DELETE',
  path: `${path}/silences/:id`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'endSilence',
    summary: 'End a silence. What fires and was not told is told then.',
    tag: 'Admin',
    answer: { status: 200, schemas: { AlertReport: alertReportSchema } },
  },
  async handle(c, parts) {
    await parts.services.alerts.endSilence(pathParam(c, 'id'));
    return answerJson(c, parts, toReportView(await parts.services.alerts.report()));
  },
};

export const testAlerts: Route = {
  method: 'POST',
  path: `${path}/test`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'testAlerts',
    summary: 'Plant an alert, send it through every channel, and leave a receipt of whether it arrived.',
    tag: 'Admin',
    answer: { status: 200, schemas: { AlertTestReport: alertTestReportSchema } },
  },
  async handle(c, parts) {
    return answerJson(c, parts, toTestReportView(await parts.services.alerts.test(c.get('key').prefix)));
  },
};
