import { type HistoryPage, historyPageSchema } from '@scarmonit/protocol/admin/history';
import {
  type ReceiptHeadList,
  type ReceiptPage,
  type ReceiptReportView,
  receiptHeadListSchema,
  receiptPageSchema,
  receiptReportSchema,
  type VerifyRequest,
} from '@scarmonit/protocol/admin/receipt';
import {
  type ForecastRequest,
  type NewRollout,
  type RolloutDecision,
  type RolloutDetailView,
  type RolloutForecastView,
  type RolloutPage,
  rolloutDetailSchema,
  rolloutForecastSchema,
  rolloutPageSchema,
} from '@scarmonit/protocol/admin/rollout';
import type { SelfTestEvent } from '@scarmonit/protocol/admin/self-test';
import {
  type DeprecationRequest,
  type VersionRecordList,
  type VersionRecordView,
  versionRecordListSchema,
  versionRecordSchema,
} from '@scarmonit/protocol/admin/version';
import type { CallOptions, HttpTransport } from './http-transport.ts';
import { readSelfTest } from './read-self-test.ts';

/** What a person can decide on a rollout. */
export type RolloutCommandName = 'pause' | 'resume' | 'promote' | 'rollback' | 'abort';

/** Rollouts, the registry of versions, and receipts. */
export interface RolloutClient {
  startRollout(wanted: NewRollout, options?: CallOptions): Promise<RolloutDetailView>;
  /** Newest first. `before` is `nextBefore` of the page before. */
  listRollouts(
    page?: { readonly model?: string; readonly limit?: number; readonly before?: string },
    options?: CallOptions,
  ): Promise<RolloutPage>;
  findRollout(id: string, options?: CallOptions): Promise<RolloutDetailView>;
  commandRollout(
    id: string,
    command: RolloutCommandName,
    decision?: RolloutDecision,
    options?: CallOptions,
  ): Promise<RolloutDetailView>;
  /** What a rollout would need. Starts nothing. */
  planRollout(wanted: ForecastRequest, options?: CallOptions): Promise<RolloutForecastView>;
  /** Rolls planted versions out in a sandbox on the server, and tells how far it is for as long as it takes. */
  runSelfTest(options?: CallOptions): AsyncGenerator<SelfTestEvent>;
  /** Who served a model, newest first. `at` is in milliseconds since the Unix epoch. */
  listHistory(
    model: string,
    page?: { readonly limit?: number; readonly at?: number; readonly before?: number },
    options?: CallOptions,
  ): Promise<HistoryPage>;
  listVersions(model: string, options?: CallOptions): Promise<VersionRecordList>;
  findVersion(model: string, version: string, options?: CallOptions): Promise<VersionRecordView>;
  /** Sends YAML or JSON: what the manifest has under a version's number, and `card`. */
  registerVersion(model: string, version: string, text: string, options?: CallOptions): Promise<VersionRecordView>;
  deprecateVersion(
    model: string,
    version: string,
    decision?: DeprecationRequest,
    options?: CallOptions,
  ): Promise<VersionRecordView>;
  /** Newest first. `before` is `nextBefore` of the page before. */
  listReceipts(
    filter?: {
      readonly model?: string;
      readonly version?: string;
      readonly rolloutId?: string;
      readonly kind?: string;
      readonly limit?: number;
      readonly before?: number;
    },
    options?: CallOptions,
  ): Promise<ReceiptPage>;
  listReceiptHeads(options?: CallOptions): Promise<ReceiptHeadList>;
  /** Checks the chain, against heads that were kept elsewhere too. */
  verifyReceipts(evidence?: VerifyRequest, options?: CallOptions): Promise<ReceiptReportView>;
}

export function createRolloutClient(http: HttpTransport): RolloutClient {
  const rollouts = '/api/admin/rollouts';
  const receipts = '/api/admin/receipts';
  const segment = encodeURIComponent;
  const modelPath = (model: string): string => `/api/admin/models/${segment(model)}`;
  const versionPath = (model: string, version: string): string => `${modelPath(model)}/versions/${segment(version)}`;
  return {
    startRollout: (json, options) =>
      http.read({ method: 'POST', path: rollouts, json, ...options }, rolloutDetailSchema),
    listRollouts: (query = {}, options) =>
      http.read({ method: 'GET', path: rollouts, query, ...options }, rolloutPageSchema),
    findRollout: (id, options) =>
      http.read({ method: 'GET', path: `${rollouts}/${segment(id)}`, ...options }, rolloutDetailSchema),
    commandRollout: (id, command, json = {}, options) =>
      http.read(
        { method: 'POST', path: `${rollouts}/${segment(id)}/${command}`, json, ...options },
        rolloutDetailSchema,
      ),
    planRollout: (json, options) =>
      http.read({ method: 'POST', path: `${rollouts}/plan`, json, ...options }, rolloutForecastSchema),
    runSelfTest: async function* (options) {
      const call = { method: 'POST', path: `${rollouts}/self-test`, query: { stream: 'true' }, json: {} } as const;
      yield* readSelfTest(await http.send({ ...call, ...options }));
    },
    listHistory: (model, query = {}, options) =>
      http.read({ method: 'GET', path: `${modelPath(model)}/history`, query, ...options }, historyPageSchema),
    listVersions: (model, options) =>
      http.read({ method: 'GET', path: `${modelPath(model)}/versions`, ...options }, versionRecordListSchema),
    findVersion: (model, version, options) =>
      http.read({ method: 'GET', path: versionPath(model, version), ...options }, versionRecordSchema),
    registerVersion: (model, version, body, options) =>
      http.read(
        {
          method: 'PUT',
          path: versionPath(model, version),
          text: { contentType: 'application/yaml', body },
          ...options,
        },
        versionRecordSchema,
      ),
    deprecateVersion: (model, version, json = {}, options) =>
      http.read(
        { method: 'POST', path: `${versionPath(model, version)}/deprecation`, json, ...options },
        versionRecordSchema,
      ),
    listReceipts: (query = {}, options) =>
      http.read({ method: 'GET', path: receipts, query, ...options }, receiptPageSchema),
    listReceiptHeads: (options) =>
      http.read({ method: 'GET', path: `${receipts}/heads`, ...options }, receiptHeadListSchema),
    verifyReceipts: (json = { heads: [] }, options) =>
      http.read({ method: 'POST', path: `${receipts}/verify`, json, ...options }, receiptReportSchema),
  };
}
