import type { HttpBody } from '@scarmonit/core/ports/http-transport';
import type { RequestContext } from '@scarmonit/core/ports/model-runtime';
import type { WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';

/**
 * How a model of Workers AI is asked: by REST or by the `AI` binding. Both take the same inputs and bring the same results,
 * so that everything else is written once.
 */
export interface Carrier {
  /**
   * Resolves with the result or, of a stream, when it has begun. A model that cannot stream may answer a stream's request
   * with a result.
   * @throws ScarmonitError for whatever failed until then
   */
  run(call: ModelCall): Promise<ModelAnswer>;
  /**
   * Takes over another account or token.
   * @returns what takes them over @throws ScarmonitError `invalid_request` when one cannot be used
   */
  prepareUpdate(spec: WorkersAiVersionSpec): () => void;
  close(): Promise<void>;
}

export interface ModelCall {
  /** As the model's schema has them: https://developers.cloudflare.com/workers-ai/models/ */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Aborting stops the work at once, before and after the first byte. */
  readonly signal: AbortSignal;
  /** What the request is known by; goes along where there are headers. */
  readonly from: Pick<RequestContext, 'requestId' | 'trace'>;
}

export type ModelAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  /** `text/event-stream`. Iterating throws an `HttpTransportError`. */
  | { readonly kind: 'stream'; readonly body: HttpBody };
