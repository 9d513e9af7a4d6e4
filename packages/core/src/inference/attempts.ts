import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { RequestAssignment } from '../routing/assign-request.ts';
import type { InferenceCall, ServedBy, ServingVersion } from '../services/agent-services.ts';
import { RequestPrice } from './request-cost.ts';
import { type AttemptPorts, TrackedRequest } from './tracked-request.ts';
import { TrackedVersion } from './tracked-version.ts';

/** The attempts at one request. They share its deadline, which is that of the version asked first; each has its record. */
export class Attempts {
  readonly #call: InferenceCall;
  readonly #askedFirst: VersionSpec;
  readonly #endsAt: number;
  readonly #ports: AttemptPorts;

  constructor(call: InferenceCall, askedFirst: VersionSpec, ports: AttemptPorts) {
    this.#call = call;
    this.#askedFirst = askedFirst;
    this.#endsAt = ports.clock.monotonicMs() + askedFirst.timeoutMs;
    this.#ports = ports;
  }

  /** How long the request may still take, in milliseconds. */
  get leftMs(): number {
    return this.#endsAt - this.#ports.clock.monotonicMs();
  }

  /**
   * @param assignment of the version by a rollout
   * @throws ScarmonitError `not_ready`, recorded as any other end. For the gates of a rollout it is none while the version
   *   is being loaded: that this server was started a moment ago says nothing of its versions
   */
  open(supervisor: VersionSupervisor, servedBy: ServedBy, assignment?: RequestAssignment): ServingVersion {
    const { spec } = supervisor;
    const price = new RequestPrice(spec.prices);
    const track = (signal?: CancelSignal, assigned = assignment): TrackedRequest => {
      const { leftMs } = this;
      return new TrackedRequest(signal === undefined ? this.#call : { ...this.#call, signal }, spec, {
        ports: this.#ports,
        timeoutMs: Math.min(spec.timeoutMs, leftMs),
        limitedBy: spec.timeoutMs < leftMs ? spec : this.#askedFirst,
        price,
        assignment: assigned,
      });
    };
    try {
      return new TrackedVersion(supervisor.use(), spec, servedBy, track, assignment?.shadow, this.#ports.content);
    } catch (error) {
      throw track(undefined, isLoading(supervisor) ? withoutCount(assignment) : assignment).fail(error);
    }
  }
}

function isLoading({ state }: VersionSupervisor): boolean {
  return state === 'pending' || state === 'loading';
}

function withoutCount(assignment: RequestAssignment | undefined): RequestAssignment | undefined {
  if (assignment === undefined) return undefined;
  const { counted: _, ...uncounted } = assignment;
  return uncounted;
}
