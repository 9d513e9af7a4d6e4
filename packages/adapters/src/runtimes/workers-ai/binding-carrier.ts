import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import { HttpTransportError } from '@scarmonit/core/ports/http-transport';
import type { WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';
import { cleanMessage } from '@scarmonit/core/upstream/clean-message';
import { explainFailure, malformed } from '@scarmonit/core/upstream/transport-failures';
import { BindingBody, type BindingStream, isBindingStream } from './binding-body.ts';
import type { Carrier, ModelAnswer, ModelCall } from './carrier.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { GatewayOptions, WorkersAiOptions } from './options.ts';
import { readRefusal, readThrown } from './read-refusal.ts';

/** The `AI` binding of Workers, or a service that stands in for it. */
export interface WorkersAiBinding {
  /**
   * @returns the model's result, or a `ReadableStream` of bytes when the inputs ask for a stream
   * @throws `InferenceUpstreamError` whose message is `{internalCode}: {description}`
   */
  run(model: string, inputs: Readonly<Record<string, unknown>>, options?: BindingOptions): Promise<unknown>;
}

export interface BindingOptions {
  readonly rejectIfBusy?: boolean;
  readonly gateway?: GatewayOptions;
  readonly signal?: AbortSignal;
}

export interface BindingParts {
  readonly ai: WorkersAiBinding;
  readonly clock: Clock;
  /**
   * Whether the binding takes a signal. Cloudflare's does. A service that stands in for it gets its arguments over RPC,
   * which carries signals only where both Workers have the flag `enable_abortsignal_rpc`; without, a request that is
   * aborted before its first byte is given up here, and ends there when its answer comes.
   */
  readonly passSignal: boolean;
}

/**
 * Asks Workers AI by the binding of the Worker that it runs in.
 * https://developers.cloudflare.com/workers-ai/configuration/bindings/
 */
export class BindingCarrier implements Carrier {
  readonly #model: string;
  readonly #options: WorkersAiOptions;
  readonly #parts: BindingParts;

  /** @throws ScarmonitError `invalid_request` for a version that is elsewhere than at Cloudflare */
  constructor(spec: WorkersAiVersionSpec, options: WorkersAiOptions, parts: BindingParts) {
    refuseBaseUrl(spec);
    this.#model = spec.target.model;
    this.#options = options;
    this.#parts = parts;
  }

  async run({ inputs, signal }: ModelCall): Promise<ModelAnswer> {
    const { clock, ai, passSignal } = this.#parts;
    const { rejectIfBusy, gateway, idleTimeoutMs } = this.#options;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    try {
      const answer = await this.#untilAborted(
        ai.run(this.#model, inputs, {
          ...(rejectIfBusy ? { rejectIfBusy } : {}),
          ...(gateway === undefined ? {} : { gateway }),
          ...(passSignal ? { signal: either } : {}),
        }),
        signal,
      );
      if (isBindingStream(answer)) {
        return { kind: 'stream', body: new BindingBody(answer, { signal, clock, idleTimeoutMs, stop }) };
      }
      const refusal = readRefusal(answer);
      if (refusal !== undefined) throw this.#explain(refusal);
      return { kind: 'result', result: answer };
    } catch (error) {
      stop.abort();
      if (signal.aborted || error instanceof ScarmonitError || error instanceof HttpTransportError) {
        throw explainFailure(error, signal);
      }
      if (error instanceof SyntaxError) throw malformed('Workers AI sent an answer that is no JSON.', error);
      throw this.#explain(readThrown(error), error);
    }
  }

  prepareUpdate(spec: WorkersAiVersionSpec): () => void {
    refuseBaseUrl(spec);
    return () => {};
  }

  async close(): Promise<void> {}

  /** Gives up at the deadline and when the caller leaves; an answer that comes later is cancelled. */
  #untilAborted(running: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (): void => {
        isOver = true;
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const giveUp = (failure: 'aborted' | 'first-byte-timeout'): void => {
        end();
        reject(new HttpTransportError(failure, 'The binding had not answered yet.'));
      };
      const onAbort = (): void => giveUp('aborted');
      const cancelTimer = this.#parts.clock.schedule(this.#options.firstByteTimeoutMs, () =>
        giveUp('first-byte-timeout'),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      running.then(
        (answer) => {
          if (isOver) return cancelLate(answer);
          end();
          resolve(answer);
        },
        (error: unknown) => {
          if (isOver) return;
          end();
          reject(error);
        },
      );
    });
  }

  #explain({ code, message }: { readonly code: number | undefined; readonly message: string }, cause?: unknown) {
    const error = explainRefusal({
      code,
      status: undefined,
      message: cleanMessage(message, []),
      retryAfterMs: undefined,
      now: this.#parts.clock.now(),
    });
    error.cause ??= cause;
    return error;
  }
}

function cancelLate(answer: unknown): void {
  if (isBindingStream(answer)) ignore(answer);
}

function ignore(stream: BindingStream): void {
  stream
    .getReader()
    .cancel()
    .catch(() => {});
}

/** The same manifest runs on both hosts, but the binding goes to one place alone. */
function refuseBaseUrl({ model, version, target }: WorkersAiVersionSpec): void {
  if (target.baseUrl === undefined) return;
  throw new ScarmonitError(
    'invalid_request',
    `${model}@${version} has a baseUrl, and here Workers AI is asked by the binding. Leave baseUrl out.`,
    { param: 'baseUrl' },
  );
}
