import type { Clock } from '@scarmonit/core/ports/clock';
import type { HttpConnections, HttpResponse, HttpTransport } from '@scarmonit/core/ports/http-transport';
import type { WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';
import { cleanMessage } from '@scarmonit/core/upstream/clean-message';
import { parseObject } from '@scarmonit/core/upstream/parse-object';
import { readRetryAfter } from '@scarmonit/core/upstream/read-retry-after';
import { readText } from '@scarmonit/core/upstream/read-text';
import { explainFailure, malformed } from '@scarmonit/core/upstream/transport-failures';
import { type Account, type AccountParts, findAccount } from './account.ts';
import type { Carrier, ModelAnswer, ModelCall } from './carrier.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { GatewayOptions, WorkersAiOptions } from './options.ts';
import { readRefusal } from './read-refusal.ts';

export interface RestParts extends AccountParts {
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** A hundred embeddings of a thousand numbers as text are 2 MB; what is much larger is no answer. */
const longestAnswerBytes = 64 * 1024 * 1024;
const longestErrorBytes = 64 * 1024;

/**
 * Asks Workers AI by its REST API: `POST {base}/accounts/{id}/ai/run/{model}`.
 * https://developers.cloudflare.com/workers-ai/get-started/rest-api/
 */
export class RestCarrier implements Carrier {
  readonly #model: string;
  readonly #basePath: string;
  readonly #options: WorkersAiOptions;
  readonly #parts: RestParts;
  readonly #connections: HttpConnections;
  readonly #fixedHeaders: Readonly<Record<string, string>>;
  readonly #secrets: Set<string>;
  #account: Account;

  /** Nothing is sent. @throws ScarmonitError `invalid_request` for an account or a token that is not there */
  constructor({ target }: WorkersAiVersionSpec, options: WorkersAiOptions, parts: RestParts) {
    this.#account = findAccount(target, parts);
    const url = this.#account.baseUrl;
    this.#model = target.model;
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#options = options;
    this.#parts = parts;
    this.#connections = parts.transport.open(url.origin, options);
    this.#fixedHeaders = { 'content-type': 'application/json', ...toGatewayHeaders(options.gateway) };
    this.#secrets = new Set([this.#account.apiToken, this.#account.accountId, url.host]);
  }

  async run({ inputs, signal, from: { requestId, trace } }: ModelCall): Promise<ModelAnswer> {
    const { firstByteTimeoutMs, idleTimeoutMs, rejectIfBusy } = this.#options;
    const { accountId, apiToken } = this.#account;
    try {
      const response = await this.#connections.request({
        method: 'POST',
        path: `${this.#basePath}/accounts/${accountId}/ai/run/${this.#model}`,
        headers: {
          ...this.#fixedHeaders,
          authorization: `Bearer ${apiToken}`,
          ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
          ...trace,
        },
        body: JSON.stringify(rejectIfBusy ? { ...inputs, options: { rejectIfBusy } } : inputs),
        signal,
        firstByteTimeoutMs,
        idleTimeoutMs,
      });
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      if (isStream && isSuccess(response)) return { kind: 'stream', body: response.body };
      return { kind: 'result', result: await this.#readResult(response) };
    } catch (error) {
      throw explainFailure(error, signal);
    }
  }

  prepareUpdate({ target }: WorkersAiVersionSpec): () => void {
    const account = findAccount(target, this.#parts);
    return () => {
      this.#account = account;
      for (const secret of [account.apiToken, account.accountId]) this.#secrets.add(secret);
    };
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** `{result, success, errors, messages}`: success is said twice, by the status and in the envelope. */
  async #readResult(response: HttpResponse): Promise<unknown> {
    const { status, headers, body } = response;
    const text = await readText(body, isSuccess(response) ? longestAnswerBytes : longestErrorBytes);
    const envelope = text === undefined ? undefined : parseObject(text);
    if (isSuccess(response) && envelope?.['success'] !== false) {
      if (envelope === undefined) throw malformed('Workers AI sent an answer that is no JSON.');
      if ('result' in envelope) return envelope['result'];
      throw malformed('Workers AI sent an answer without a result.');
    }
    const now = this.#parts.clock.now();
    const { code, message } = readRefusal(envelope) ?? { code: undefined, message: '' };
    throw explainRefusal({
      code,
      status: isSuccess(response) ? undefined : status,
      message: cleanMessage(message, this.#secrets),
      retryAfterMs: readRetryAfter(headers, now),
      now,
    });
  }
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

/** https://developers.cloudflare.com/ai-gateway/get-started/ */
function toGatewayHeaders(gateway: GatewayOptions | undefined): Record<string, string> {
  if (gateway === undefined) return {};
  const { id, skipCache, cacheTtl } = gateway;
  return {
    'cf-aig-gateway-id': id,
    ...(skipCache === undefined ? {} : { 'cf-aig-skip-cache': String(skipCache) }),
    ...(cacheTtl === undefined ? {} : { 'cf-aig-cache-ttl': String(cacheTtl) }),
  };
}
