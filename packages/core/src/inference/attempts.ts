import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import type { Clock } from '../ports/clock.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { InferenceCall, ServedBy, ServingVersion } from '../services/agent-services.ts';
import { type TrackedRequest, trackRequest } from './track-request.ts';
import { TrackedVersion } from './tracked-version.ts';

/** The attempts at one request. They share its deadline, which is that of the version asked first; each has its record. */
export class Attempts {
  readonly #call: InferenceCall;
  readonly #endsAt: number;
  readonly #clock: Clock;
  readonly #record: (prediction: Prediction) => void;
  #records = 0;

  constructor(call: InferenceCall, timeoutMs: number, clock: Clock, record: (prediction: Prediction) => void) {
    this.#call = call;
    this.#endsAt = clock.monotonicMs() + timeoutMs;
    this.#clock = clock;
    this.#record = record;
  }

  /** How long the request may still take, in milliseconds. */
  get leftMs(): number {
    return this.#endsAt - this.#clock.monotonicMs();
  }

  /** @throws ScarmonitError `not_ready`, recorded as any other end */
  open(supervisor: VersionSupervisor, servedBy: ServedBy): ServingVersion {
    const { spec } = supervisor;
    const track = (signal?: AbortSignal): TrackedRequest =>
      trackRequest(signal === undefined ? this.#call : { ...this.#call, signal }, spec, {
        clock: this.#clock,
        record: this.#record,
        recordId: this.#nextRecordId(),
        timeoutMs: Math.min(spec.timeoutMs, this.leftMs),
      });
    try {
      return new TrackedVersion(supervisor.use(), spec, servedBy, track);
    } catch (error) {
      throw track().fail(error);
    }
  }

  /** The request's own id first, so that it is found by it; then `ID.2`, `ID.3`, … */
  #nextRecordId(): string {
    this.#records += 1;
    const { requestId } = this.#call;
    return this.#records === 1 ? requestId : `${requestId}.${this.#records}`;
  }
}
