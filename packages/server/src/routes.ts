import { endSilence, listAlerts, silenceAlerts, testAlerts } from './admin/alerts/routes.ts';
import { listAnomalies } from './admin/anomalies/route.ts';
import { getDrift, renewDriftReference, setDriftReference } from './admin/drift/routes.ts';
import { getHistory } from './admin/history/route.ts';
import { createKey, listKeys, revokeKey } from './admin/keys/routes.ts';
import { applyManifest } from './admin/manifest/route.ts';
import { getMetricsSeries } from './admin/metrics/route.ts';
import { getModelView, listModelViews } from './admin/models/routes.ts';
import { getOverview } from './admin/overview/route.ts';
import { exportPredictions } from './admin/predictions/export-route.ts';
import { listPredictions } from './admin/predictions/route.ts';
import { listReceiptHeads, listReceipts, verifyReceipts, verifyReceiptsAgainst } from './admin/receipts/routes.ts';
import { getRollout, listRollouts, planRollout, rolloutCommands, startRollout } from './admin/rollouts/routes.ts';
import { runSelfTest } from './admin/self-test/route.ts';
import { getSummary } from './admin/summary/route.ts';
import { deprecateVersion, getVersion, listVersions, registerVersion } from './admin/versions/routes.ts';
import { chat } from './api/chat/route.ts';
import { giveFeedback } from './api/feedback/route.ts';
import { healthz, readyz } from './api/health/routes.ts';
import { infer } from './api/infer/route.ts';
import { getMetrics } from './metrics/route.ts';
import { createChatCompletion } from './openai/chat-completions/route.ts';
import { createCompletion } from './openai/completions/route.ts';
import { createEmbedding } from './openai/embeddings/route.ts';
import { listModels } from './openai/models/list-models.ts';
import { retrieveModel } from './openai/models/retrieve-model.ts';
import { createResponse } from './openai/responses/route.ts';
import type { DirectRoute, Route } from './route.ts';

/** Every route but the document that describes them. */
export const routes: readonly Route[] = [
  healthz,
  readyz,
  getMetrics,
  listModels,
  retrieveModel,
  createChatCompletion,
  createCompletion,
  createEmbedding,
  createResponse,
  infer,
  chat,
  giveFeedback,
  listKeys,
  createKey,
  revokeKey,
  listModelViews,
  getModelView,
  applyManifest,
  listPredictions,
  exportPredictions,
  getSummary,
  listAnomalies,
  getDrift,
  renewDriftReference,
  setDriftReference,
  getOverview,
  getMetricsSeries,
  listAlerts,
  silenceAlerts,
  endSilence,
  testAlerts,
  listVersions,
  getVersion,
  registerVersion,
  deprecateVersion,
  getHistory,
  listRollouts,
  startRollout,
  planRollout,
  runSelfTest,
  getRollout,
  ...rolloutCommands,
  listReceipts,
  listReceiptHeads,
  verifyReceipts,
  verifyReceiptsAgainst,
];

/** Those of them that a host may run past `Request` and `Response`. */
export const directRoutes: readonly DirectRoute[] = [
  createChatCompletion,
  createCompletion,
  createEmbedding,
  createResponse,
  chat,
];
