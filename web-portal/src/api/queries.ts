import type { AlertReportView } from '@scarmonit/protocol/admin/alert';
import type { AnomalyPage } from '@scarmonit/protocol/admin/anomaly';
import type { DriftReportView } from '@scarmonit/protocol/admin/drift';
import type { HistoryPage } from '@scarmonit/protocol/admin/history';
import type { KeyList } from '@scarmonit/protocol/admin/key';
import type { MetricsSeriesView } from '@scarmonit/protocol/admin/metrics';
import type { ModelView, ModelViewList } from '@scarmonit/protocol/admin/model';
import type { OverviewView } from '@scarmonit/protocol/admin/overview';
import type { PredictionPage } from '@scarmonit/protocol/admin/prediction';
import type { ReceiptPage } from '@scarmonit/protocol/admin/receipt';
import type { RolloutDetailView, RolloutPage } from '@scarmonit/protocol/admin/rollout';
import type { ChangeEvent, SessionView } from '@scarmonit/protocol/admin/session';
import type { VersionRecordList } from '@scarmonit/protocol/admin/version';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { read } from './ask-server.ts';

/**
 * First part of every query's key: what makes its answer old. `figures` are summed up from requests, and old some seconds
 * after one of them: nobody reads faster.
 */
type Subject = ChangeEvent['topics'][number] | 'figures' | 'session';

const path = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: strings }, ...values.map(encodeURIComponent));

/** Parameters of an address; those that are undefined are left out. */
type Filter = Readonly<Record<string, string | number | undefined>>;

function query<Answer>(subjects: readonly Subject[], url: string, parameters: Filter = {}) {
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

/** Time alone changes some figures, such as who was active lately. */
const figuresKeptMs = 30_000;

/** @param window as the server takes it, such as `1h` */
export const overviewQuery = (window: string) =>
  queryOptions({
    ...query<OverviewView>(['figures', 'rollouts', 'models'], '/api/admin/overview', { window }),
    refetchInterval: figuresKeptMs,
    placeholderData: keepPreviousData,
  });

/** Figures of each version of a model over time. */
export const seriesQuery = (model: string, window: string) =>
  queryOptions({
    ...query<MetricsSeriesView>(['figures'], '/api/admin/metrics/series', { model, window, by: 'version' }),
    refetchInterval: figuresKeptMs,
    placeholderData: keepPreviousData,
  });

/** Shown on every page, so that an alert is seen wherever one is. */
export const alertsQuery = queryOptions({
  ...query<AlertReportView>(['alerts'], '/api/admin/alerts'),
  refetchInterval: figuresKeptMs,
});

export const anomaliesQuery = query<AnomalyPage>(['anomalies'], '/api/admin/anomalies', { limit: 20 });

export const driftQuery = (model: string) => query<DriftReportView>(['drift'], '/api/admin/drift', { model });

export const keysQuery = query<KeyList>(['keys'], '/api/admin/keys');

/** @param limit newest first @param filter as the server takes it */
export const requestsQuery = (limit: number, filter: Filter) =>
  query<PredictionPage>(['requests'], '/api/admin/predictions', { limit, ...filter });

export const requestPage = (limit: number, before: string, filter: Filter): Promise<PredictionPage> =>
  read('/api/admin/predictions', { limit, before, ...filter });

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
