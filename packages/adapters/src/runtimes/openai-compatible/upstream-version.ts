import type { Clock } from '@scarmonit/core/ports/clock';
import type { EngineStats, ForwardContext, WireAnswer, WireRequest } from '@scarmonit/core/ports/model-runtime';
import type { UpstreamVersionSpec } from '@scarmonit/core/registry/version-spec';
import { RequestsInFlight } from '@scarmonit/core/upstream/requests-in-flight';
import { askUpstream } from './ask-upstream.ts';
import type { AnsweredBy } from './identities.ts';
import type { UpstreamOptions } from './options.ts';
import { prepareRequest } from './prepare-body.ts';
import { prepareTargets, type Target, type TargetParts } from './target.ts';

/** One target of a version. */
interface TargetPlace {
  readonly model: string;
  readonly version: string;
  /** Place in the manifest's list of targets, from 0. */
  readonly target: number;
}

/** An upstream that answers as another than before: its model, its software or its settings were changed. */
export interface IdentityChange extends TargetPlace {
  readonly before: AnsweredBy;
  readonly after: AnsweredBy;
}

/** What an upstream says of itself with its first answer. */
export interface FirstIdentity extends TargetPlace {
  readonly answeredBy: AnsweredBy;
}

export interface UpstreamVersionParts extends Pick<TargetParts, 'lookUpSecret'> {
  readonly clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  /** Told once a target, since the version was loaded. */
  onFirstIdentity?(first: FirstIdentity): void;
  onIdentityChange?(change: IdentityChange): void;
}

/** A version that runs elsewhere: counts what is in flight, and hands it to the targets. */
export class UpstreamVersion {
  #spec: UpstreamVersionSpec;
  readonly #options: UpstreamOptions;
  readonly #targets: readonly Target[];
  readonly #parts: UpstreamVersionParts;
  readonly #inFlight: RequestsInFlight;

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
    this.#inFlight = new RequestsInFlight(`'${spec.model}' version ${spec.version}`, options.maxInFlight);
  }

  /** As `LoadedVersion.forward`. */
  async forward(request: WireRequest, context: ForwardContext): Promise<WireAnswer> {
    const { signal } = context;
    const leave = this.#inFlight.enter(signal);
    try {
      const answer = await askUpstream(prepareRequest(request, context), {
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
      running: this.#inFlight.count,
      queued: 0,
      slots: this.#options.maxInFlight,
      queueLimit: 0,
      batchSizes: {},
      crashes: 0,
    };
  }

  unload(): Promise<void> {
    return this.#inFlight.close(() => Promise.all(this.#targets.map(({ connections }) => connections.close())));
  }

  #noteIdentity(target: Target, after: AnsweredBy): void {
    const isFirst = target.identities.isEmpty;
    const before = target.identities.record(after);
    if (before === undefined && !isFirst) return;
    const { model, version } = this.#spec;
    const place = { model, version, target: target.index };
    if (before === undefined) this.#parts.onFirstIdentity?.({ ...place, answeredBy: after });
    else this.#parts.onIdentityChange?.({ ...place, before, after });
  }
}
