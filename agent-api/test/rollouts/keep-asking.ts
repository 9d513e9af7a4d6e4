import { ask, type Ending } from '../loop-clients.ts';
import type { StartableHost } from './startable-host.ts';

export interface Traffic {
  /** Of all requests that have ended, in the order of their ends. */
  readonly endings: readonly Ending[];
  /** Lets each client finish its request and resolves when all have. */
  stop(): Promise<void>;
}

/**
 * Clients that ask a model again as soon as they are answered; every other one streams.
 * @param onEnding told of each end before its client asks again
 */
export function keepAsking(
  host: Pick<StartableHost, 'url' | 'adminKey'>,
  model: string,
  clients: number,
  onEnding: (ending: Ending) => Promise<void> = async () => undefined,
): Traffic {
  const endings: Ending[] = [];
  let isStopped = false;
  const run = async (client: number): Promise<void> => {
    while (!isStopped) {
      const target = { url: host.url, key: host.adminKey, model };
      const ending = await ask({ ...target, user: `client-${client}`, stream: client % 2 === 1 });
      endings.push(ending);
      await onEnding(ending);
    }
  };
  const running = Array.from({ length: clients }, (_, client) => run(client));
  return {
    endings,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
    },
  };
}
