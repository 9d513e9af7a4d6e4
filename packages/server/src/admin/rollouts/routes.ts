import type { RolloutCommand } from '@scarmonit/core/services/manage-rollouts';
import {
  forecastRequestSchema,
  newRolloutSchema,
  type RolloutPage,
  rolloutDecisionSchema,
  rolloutDetailSchema,
  rolloutForecastSchema,
  rolloutPageSchema,
  rolloutQuerySchema,
} from '@scarmonit/protocol/admin/rollout';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody, parseValue } from '../../http/parse-body.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toForecastView } from './to-forecast-view.ts';
import { toDetailView, toRolloutView } from './to-rollout-view.ts';

const path = '/api/admin/rollouts';
const detail = { status: 200, schemas: { RolloutDetail: rolloutDetailSchema } } as const;

export const listRollouts: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listRollouts',
    summary: 'The rollouts of all models or of one, newest first.',
    tag: 'Admin',
    query: rolloutQuerySchema,
    answer: { status: 200, schemas: { RolloutPage: rolloutPageSchema } },
  },
  async handle(c, parts) {
    const { limit, ...filter } = parseValue(rolloutQuerySchema, c.req.query());
    // One more than asked for tells whether there is a next page.
    const found = await parts.services.rollouts.list({ limit: limit + 1, ...dropNullish(filter) });
    const data = found.slice(0, limit).map(toRolloutView);
    const nextBefore = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return answerJson(c, parts, { data, nextBefore } satisfies RolloutPage);
  },
};

export const startRollout: Route = {
  method: 'POST',
  path,
  access: 'admin',
  limited: false,
  operation: {
    id: 'startRollout',
    summary: "Start a rollout from a model's stable version to another one.",
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { NewRollout: newRolloutSchema } },
    answer: { status: 201, schemas: { RolloutDetail: rolloutDetailSchema } },
  },
  async handle(c, parts) {
    const { model, to, settings = {}, reason = '' } = parseBody(newRolloutSchema, c.get('body'));
    const by = c.get('key').prefix;
    const started = await parts.services.rollouts.start({ model, to, settings, reason, by });
    return answerJson(c, parts, toDetailView(started), 201);
  },
};

export const getRollout: Route = {
  method: 'GET',
  path: `${path}/:id`,
  access: 'read',
  limited: false,
  operation: {
    id: 'getRollout',
    summary: 'One rollout: where it stands, what its gates read now, its traffic, and every state it was in.',
    tag: 'Admin',
    answer: detail,
  },
  async handle(c, parts) {
    return answerJson(c, parts, toDetailView(await parts.services.rollouts.show(pathParam(c, 'id'))));
  },
};

export const planRollout: Route = {
  method: 'POST',
  path: `${path}/plan`,
  access: 'read',
  limited: false,
  operation: {
    id: 'planRollout',
    summary: 'What each gate and step of a rollout needs at the traffic seen. Starts nothing.',
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { ForecastRequest: forecastRequestSchema } },
    answer: { status: 200, schemas: { RolloutForecast: rolloutForecastSchema } },
  },
  async handle(c, parts) {
    const { model, settings = {}, requestsPerMinute } = parseBody(forecastRequestSchema, c.get('body'));
    const planned = await parts.services.rollouts.plan({ model, settings, ...dropNullish({ requestsPerMinute }) });
    return answerJson(c, parts, toForecastView(model, planned));
  },
};

const summaries: Readonly<Record<RolloutCommand, string>> = {
  pause: 'Take no further step; the gates go on watching.',
  resume: 'Go on, also after a hold or a freeze.',
  promote: 'Enter the next stage now.',
  rollback: 'Back to the old version at once, also while it is kept warm after the end.',
  abort: 'Back to the old version at once, and end the rollout.',
};

/** One route for each thing that a person can decide. */
export const rolloutCommands: readonly Route[] = (Object.keys(summaries) as RolloutCommand[]).map((command) => ({
  method: 'POST',
  path: `${path}/:id/${command}`,
  access: 'admin',
  limited: false,
  operation: {
    id: `${command}Rollout`,
    summary: summaries[command],
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { RolloutDecision: rolloutDecisionSchema } },
    answer: detail,
  },
  async handle(c, parts) {
    const { reason = '', revision } = parseBody(rolloutDecisionSchema, c.get('body'));
    const decision = { by: c.get('key').prefix, reason, ...dropNullish({ revision }) };
    const moved = await parts.services.rollouts.command(pathParam(c, 'id'), command, decision);
    return answerJson(c, parts, toDetailView(moved));
  },
}));
