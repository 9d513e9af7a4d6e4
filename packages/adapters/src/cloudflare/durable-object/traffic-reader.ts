import type { DeploymentCoordinatorObject, TrafficDelta } from './deployment-coordinator-object.ts';

export interface TrafficReaderParts {
  readonly namespace: DurableObjectNamespace<DeploymentCoordinatorObject>;
  onError(error: unknown): void;
}

/** What a model's coordinator has folded from all isolates. */
export interface FoldedTraffic extends TrafficDelta {
  readonly model: string;
}

/** @returns reads the sums of models since their deployment began; a model whose coordinator does not answer is left out */
export function createTrafficReader({ namespace, onError }: TrafficReaderParts) {
  const read = async (model: string): Promise<readonly FoldedTraffic[]> => {
    try {
      const sums = await namespace.get(namespace.idFromName(model)).read();
      return sums.map((sum) => ({ model, ...sum }));
    } catch (error) {
      onError(error);
      return [];
    }
  };
  return async (models: readonly string[]): Promise<readonly FoldedTraffic[]> =>
    (await Promise.all(models.map(read))).flat();
}
