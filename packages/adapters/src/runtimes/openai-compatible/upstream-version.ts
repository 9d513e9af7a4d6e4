import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { EngineStats, RequestContext, WireAnswer, WireRequest } from '@scarmonit/core/ports/model-runtime';
import type { UpstreamVersionSpec } from '@scarmonit/core/registry/version-spec';
import { askUpstream } from './ask-upstream.ts';
import { abortError } from './explain-transport.ts';
import type { AnsweredBy } from './identities.ts';
import type { UpstreamOptions } from './options.ts';
import { prepareRequest } from './prepare-body.ts';
import { prepareTargets, type Target, type TargetParts } from './target.ts';

/** An upstream that answers as another than before: its model, its software or its settings were changed. */
export interface IdentityChange {
  readonly model: string;
  readonly version: string;
  /** Place in the manifest's list of targets, from 0. */
  readonly target: number;
  readonly before: AnsweredBy;
  readonly after: AnsweredBy;
}

export interface UpstreamVersionParts extends Pick<TargetParts, 'lookUpSecret'> {
  readonly clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  onIdentityChange?(change: IdentityChange): void;
}

/** A version that runs elsewhere: counts what is in flight, and hands it to the targets. */
export class UpstreamVersion {
  #spec: UpstreamVersionSpec;
  readonly #options: UpstreamOptions;
  readonly #targets: readonly Target[];
  readonly #parts: UpstreamVersionParts;
  #inFlight = 0;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(
    spec: UpstreamVersionSpec,
    options: UpstreamOptions,
    targets: readonly Target[],
    parts: UpstreamVersionParts,
  ) {
    this.#spec = spec;
    this.#options = options;
    this.#targets = targets;
    this.#parts = parts;
  }

  /** As `LoadedVersion.forward`. */
  async forward(request: WireRequest, { signal, requestId }: RequestContext): Promise<WireAnswer> {
    const leave = this.#enter(signal);
    try {
      const answer = await askUpstream(prepareRequest(request, requestId), {
        targets: this.#targets,
        balance: this.#spec.balance,
        options: this.#options,
        clock: this.#parts.clock,
        signal,
        deadlineMs: this.#parts.clock.monotonicMs() + this.#spec.timeoutMs,
        random: this.#parts.random,
        onIdentity: (target, answeredBy) => this.#noteIdentity(target, answeredBy),
      });
      if (answer.kind === 'json') leave();
      else answer.chunks.onEnd(leave);
      return answer;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** As `LoadedVersion.prepareUpdate`. */
  prepareUpdate(spec: UpstreamVersionSpec): () => void {
    const updateTargets = prepareTargets(spec, this.#targets, this.#parts);
    return () => {
      this.#spec = spec;
      updateTargets();
    };
  }

  async stats(): Promise<EngineStats> {
    return {
      residentBytes: 0,
      running: this.#inFlight,
      queued: 0,
      slots: this.#options.maxInFlight,
      queueLimit: 0,
      batchSizes: {},
      crashes: 0,
    };
  }

  unload(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** @returns what must be called when the request has ended; more than once is harmless */
  #enter(signal: AbortSignal): () => void {
    const { model, version } = this.#spec;
    if (signal.aborted) throw abortError(signal);
    if (this.#closing !== undefined) {
      throw new ScarmonitError('not_ready', `The model '${model}' version ${version} is being unloaded.`, {
        code: 'model_not_ready',
        retryAfterMs: 1_000,
      });
    }
    if (this.#inFlight >= this.#options.maxInFlight) {
      throw new ScarmonitError('overloaded', 'The upstream has as many requests as it may have. Try again shortly.', {
        retryAfterMs: 1_000,
      });
    }
    this.#inFlight += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle?.();
    };
  }

  async #close(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await Promise.all(this.#targets.map(({ connections }) => connections.close()));
  }

  #noteIdentity(target: Target, after: AnsweredBy): void {
    const before = target.identities.record(after);
    if (before === undefined) return;
    const { model, version } = this.#spec;
    this.#parts.onIdentityChange?.({ model, version, target: target.index, before, after });
  }
}
