import type { MetricRow, MetricSeries } from '../ports/metrics-repository.ts';

/**
 * Why requests are refused before a version is chosen for them, in the words of the errors that their clients get:
 * no valid key; a key that may not; an allowance that is used up; a model or version that is not there, or not for this key;
 * a body that makes no sense or is too large.
 */
export const refusalReasons = [
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unknown_model',
  'unknown_version',
  'invalid_request',
  'payload_too_large',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** How many requests were refused, by reason. */
export type Refusals = Readonly<Record<RefusalReason, number>>;

/** What stands for the model of requests that reached none; no model has this name. */
const noModel = '';

/** Where refusals are counted: beside the requests of models, with the reason in place of a route. */
export function refusalSeries(reason: RefusalReason): MetricSeries {
  return { model: noModel, version: '', route: reason, outcome: 'client_error' };
}

export function isRefusal({ model }: Pick<MetricRow, 'model'>): boolean {
  return model === noModel;
}

/** @param rows refusals among others */
export function sumRefusals(rows: readonly MetricRow[]): Refusals {
  const refusals = rows.filter(isRefusal);
  const sumOf = (reason: RefusalReason): number =>
    refusals.reduce((sum, { route, requests }) => (route === reason ? sum + requests : sum), 0);
  return Object.fromEntries(refusalReasons.map((reason) => [reason, sumOf(reason)])) as Record<RefusalReason, number>;
}
