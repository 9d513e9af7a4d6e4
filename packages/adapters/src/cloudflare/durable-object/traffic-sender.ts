import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import type { DeploymentCoordinatorObject, TrafficDelta, TrafficParcel } from './deployment-coordinator-object.ts';

export interface TrafficSenderParts {
  readonly namespace: DurableObjectNamespace<DeploymentCoordinatorObject>;
  /** Of this isolate, and never of another. */
  readonly isolateId: string;
  onError(error: unknown): void;
}

/** What one isolate has counted of one model since the last parcel. */
interface Pending {
  sequence: number;
  deltas: Map<string, Mutable<TrafficDelta>>;
  /** Sent, and not known to have arrived. */
  unconfirmed: TrafficParcel | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Counts requests in an isolate's memory and sends the sums to each model's coordinator. */
export function createTrafficSender({ namespace, isolateId, onError }: TrafficSenderParts) {
  const models = new Map<string, Pending>();

  const nextParcel = (pending: Pending): TrafficParcel | undefined => {
    if (pending.unconfirmed !== undefined || pending.deltas.size === 0) return pending.unconfirmed;
    pending.sequence += 1;
    pending.unconfirmed = { isolateId, sequence: pending.sequence, deltas: [...pending.deltas.values()] };
    pending.deltas = new Map();
    return pending.unconfirmed;
  };

  const send = async (model: string, pending: Pending): Promise<void> => {
    const parcel = nextParcel(pending);
    if (parcel === undefined) return;
    try {
      await namespace.get(namespace.idFromName(model)).fold(parcel);
      if (pending.unconfirmed === parcel) pending.unconfirmed = undefined;
    } catch (error) {
      onError(error);
    }
  };

  return {
    /** Counts one request. Costs a few additions. */
    count({ model, version, outcome, inputTokens, outputTokens, latencyMs, costUsd }: Prediction): void {
      const pending = models.get(model) ?? { sequence: 0, deltas: new Map(), unconfirmed: undefined };
      models.set(model, pending);
      const name = `${version} ${outcome}`;
      const delta = pending.deltas.get(name) ?? {
        version,
        outcome,
        requests: 0,
        inputTokens: 0,
        outputTokens: 0,
        latencyMsSum: 0,
        costUsd: 0,
      };
      pending.deltas.set(name, delta);
      delta.requests += 1;
      delta.inputTokens += inputTokens;
      delta.outputTokens += outputTokens;
      delta.latencyMsSum += latencyMs;
      delta.costUsd += costUsd;
    },
    /** Sends what was counted. A parcel that may not have arrived goes again, under its number, before anything new. */
    async flush(): Promise<void> {
      await Promise.all([...models].map(([model, pending]) => send(model, pending)));
    },
  };
}
