import type { CreatedKey, Key, KeyList, NewKey } from '@scarmonit/protocol/admin/key';
import { createdKeySchema, keyListSchema, keySchema } from '@scarmonit/protocol/admin/key';
import { type ManifestChangesView, manifestChangesSchema } from '@scarmonit/protocol/admin/manifest';
import type { ModelView, ModelViewList } from '@scarmonit/protocol/admin/model';
import { modelViewListSchema, modelViewSchema } from '@scarmonit/protocol/admin/model';
import { type FeedbackRequest, type TakenFeedback, takenFeedbackSchema } from '@scarmonit/protocol/api/feedback';
import { type Readiness, readinessSchema } from '@scarmonit/protocol/api/health';
import type { ClassificationRequest, InferEmbeddingRequest } from '@scarmonit/protocol/api/infer';
import { type ClassificationList, classificationListSchema } from '@scarmonit/protocol/api/infer';
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  chatCompletionSchema,
} from '@scarmonit/protocol/openai/chat-completion';
import type { ChatCompletionRequest, ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import { type EmbeddingList, type EmbeddingRequest, embeddingListSchema } from '@scarmonit/protocol/openai/embedding';
import { type ModelList, modelListSchema } from '@scarmonit/protocol/openai/model';
import { type AlertClient, createAlertClient } from './create-alert-client.ts';
import { type AnomalyClient, createAnomalyClient } from './create-anomaly-client.ts';
import { createMetricsClient, type MetricsClient } from './create-metrics-client.ts';
import { createPredictionClient, type PredictionClient } from './create-prediction-client.ts';
import { createRolloutClient, type RolloutClient } from './create-rollout-client.ts';
import { type CallOptions, createHttpTransport, type HttpTransport } from './http-transport.ts';
import { readChatStream } from './read-chat-stream.ts';

export interface ClientOptions {
  /** Address of the server, such as `http://127.0.0.1:8787`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** For tests and for other ways to reach a server. */
  readonly fetch?: typeof fetch;
}

/**
 * A server's whole API, typed by the protocol. Every call throws ScarmonitApiError when the server refuses,
 * ScarmonitUnreachableError when nothing answers, and the signal's reason when it is aborted.
 */
export interface ScarmonitClient {
  /** `GET /v1/models`: what the key may ask for. */
  listModels(options?: CallOptions): Promise<ModelList>;
  /** `POST /v1/chat/completions`, the whole answer at once. */
  chat(request: ChatCompletionRequest, options?: CallOptions): Promise<ChatCompletion>;
  /** `POST /v1/chat/completions`, piece by piece; ending the iteration cancels. */
  streamChat(request: ChatCompletionRequest, options?: CallOptions): AsyncGenerator<ChatCompletionChunk>;
  /** `POST /v1/embeddings`. */
  embed(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingList>;
  /** `POST /api/infer`, where the task chooses the model unless the request names one. */
  readonly infer: InferClient;
  readonly admin: AdminClient;
  /** `POST /api/feedback`: what became of an answer. */
  giveFeedback(feedback: FeedbackRequest, options?: CallOptions): Promise<TakenFeedback>;
  /** `GET /readyz`: also when it says that it is not ready. */
  readiness(options?: CallOptions): Promise<Readiness>;
}

export interface InferClient {
  chat(request: ChatRequest, options?: CallOptions): Promise<ChatCompletion>;
  /** Piece by piece; ending the iteration cancels. */
  streamChat(request: ChatRequest, options?: CallOptions): AsyncGenerator<ChatCompletionChunk>;
  embedding(request: InferEmbeddingRequest, options?: CallOptions): Promise<EmbeddingList>;
  classification(request: ClassificationRequest, options?: CallOptions): Promise<ClassificationList>;
}

export interface AdminClient extends AnomalyClient, AlertClient, MetricsClient, PredictionClient, RolloutClient {
  listKeys(options?: CallOptions): Promise<KeyList>;
  /** The secret is in this answer and nowhere else. */
  createKey(key: NewKey, options?: CallOptions): Promise<CreatedKey>;
  revokeKey(id: string, options?: CallOptions): Promise<Key>;
  listModels(options?: CallOptions): Promise<ModelViewList>;
  findModel(name: string, options?: CallOptions): Promise<ModelView>;
  /** Sends the text of a manifest; a bad one changes nothing. */
  applyManifest(yaml: string, options?: CallOptions): Promise<ManifestChangesView>;
}

/** @throws ScarmonitUnreachableError when `baseUrl` is no http(s) address */
export function createScarmonitClient({ baseUrl, apiKey, fetch = globalThis.fetch }: ClientOptions): ScarmonitClient {
  const http = createHttpTransport({ baseUrl, apiKey, fetch });
  return {
    listModels: (options) => http.read({ method: 'GET', path: '/v1/models', ...options }, modelListSchema),
    chat: (request, options) =>
      http.read(
        { method: 'POST', path: '/v1/chat/completions', json: { ...request, stream: false }, ...options },
        chatCompletionSchema,
      ),
    streamChat: async function* (request, options) {
      const json = { ...request, stream: true };
      yield* readChatStream(await http.send({ method: 'POST', path: '/v1/chat/completions', json, ...options }));
    },
    embed: (request, options) =>
      http.read({ method: 'POST', path: '/v1/embeddings', json: request, ...options }, embeddingListSchema),
    infer: createInferClient(http),
    admin: createAdminClient(http),
    giveFeedback: (feedback, options) =>
      http.read({ method: 'POST', path: '/api/feedback', json: feedback, ...options }, takenFeedbackSchema),
    readiness: (options) => http.read({ method: 'GET', path: '/readyz', accept: [503], ...options }, readinessSchema),
  };
}

function createInferClient(http: HttpTransport): InferClient {
  const call = (task: string, json: unknown, options: CallOptions | undefined) =>
    ({ method: 'POST', path: '/api/infer', query: { task }, json, ...options }) as const;
  return {
    chat: (request, options) => http.read(call('chat', { ...request, stream: false }, options), chatCompletionSchema),
    streamChat: async function* (request, options) {
      yield* readChatStream(await http.send(call('chat', { ...request, stream: true }, options)));
    },
    embedding: (request, options) => http.read(call('embedding', request, options), embeddingListSchema),
    classification: (request, options) => http.read(call('classification', request, options), classificationListSchema),
  };
}

function createAdminClient(http: HttpTransport): AdminClient {
  const keys = '/api/admin/keys';
  const models = '/api/admin/models';
  return {
    ...createAlertClient(http),
    ...createAnomalyClient(http),
    ...createMetricsClient(http),
    ...createPredictionClient(http),
    ...createRolloutClient(http),
    listKeys: (options) => http.read({ method: 'GET', path: keys, ...options }, keyListSchema),
    createKey: (key, options) => http.read({ method: 'POST', path: keys, json: key, ...options }, createdKeySchema),
    revokeKey: (id, options) =>
      http.read({ method: 'DELETE', path: `${keys}/${encodeURIComponent(id)}`, ...options }, keySchema),
    listModels: (options) => http.read({ method: 'GET', path: models, ...options }, modelViewListSchema),
    findModel: (name, options) =>
      http.read({ method: 'GET', path: `${models}/${encodeURIComponent(name)}`, ...options }, modelViewSchema),
    applyManifest: (body, options) =>
      http.read(
        { method: 'PUT', path: '/api/admin/manifest', text: { contentType: 'application/yaml', body }, ...options },
        manifestChangesSchema,
      ),
  };
}
