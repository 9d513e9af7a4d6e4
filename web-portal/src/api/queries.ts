import type { HistoryPage } from '@scarmonit/protocol/admin/history';
import type { KeyList } from '@scarmonit/protocol/admin/key';
import type { ModelView, ModelViewList } from '@scarmonit/protocol/admin/model';
import type { PredictionPage } from '@scarmonit/protocol/admin/prediction';
import type { ReceiptPage } from '@scarmonit/protocol/admin/receipt';
import type { RolloutDetailView, RolloutPage } from '@scarmonit/protocol/admin/rollout';
import type { ChangeEvent, SessionView } from '@scarmonit/protocol/admin/session';
import type { VersionRecordList } from '@scarmonit/protocol/admin/version';
import { queryOptions } from '@tanstack/react-query';
import { read } from './ask-server.ts';

/**
 * First part of every query's key: what makes its answer old. `figures` are live numbers that no table tells of; they are
 * asked for again with the requests that move them.
 */
type Subject = ChangeEvent['topics'][number] | 'session';

const path = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: strings }, ...values.map(encodeURIComponent));

function query<Answer>(
  subjects: readonly Subject[],
  url: string,
  parameters: Record<string, string | number | undefined> = {},
) {
  return queryOptions({
    queryKey: [subjects.join(' '), url, parameters],
    queryFn: ({ signal }) => read<Answer>(url, parameters, signal),
  });
}

export const sessionQuery = query<SessionView>(['session'], '/api/admin/session');

export const modelsQuery = query<ModelViewList>(['models'], '/api/admin/models');

export const modelQuery = (name: string) => query<ModelView>(['models'], path`/api/admin/models/${name}`);

export const versionsQuery = (name: string) =>
  query<VersionRecordList>(['models'], path`/api/admin/models/${name}/versions`);

export const historyQuery = (name: string, at?: number) =>
  query<HistoryPage>(['rollouts', 'models'], path`/api/admin/models/${name}/history`, { at });

export const keysQuery = query<KeyList>(['keys'], '/api/admin/keys');

/** @param limit newest first */
export const requestsQuery = (limit: number) =>
  query<PredictionPage>(['requests'], '/api/admin/predictions', { limit });

export const requestPage = (limit: number, before: string): Promise<PredictionPage> =>
  read('/api/admin/predictions', { limit, before });

export const rolloutsQuery = (model?: string) => query<RolloutPage>(['rollouts'], '/api/admin/rollouts', { model });

export const rolloutQuery = (id: string) =>
  query<RolloutDetailView>(['rollouts', 'requests'], path`/api/admin/rollouts/${id}`);

export interface ReceiptFilter {
  readonly [name: string]: string | number | undefined;
  readonly model?: string;
  readonly version?: string;
  readonly rolloutId?: string;
  readonly kind?: string;
  readonly limit?: number;
}

export const receiptsQuery = (filter: ReceiptFilter) => query<ReceiptPage>(['receipts'], '/api/admin/receipts', filter);
