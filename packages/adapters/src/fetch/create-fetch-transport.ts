import { type HttpConnections, type HttpTransport, HttpTransportError } from '@scarmonit/core/ports/http-transport';
import { FetchExchange } from './fetch-exchange.ts';

/**
 * Outgoing HTTP by `fetch`, for hosts that keep connections themselves and have nothing closer to the wire.
 *
 * `fetch` does not tell when a connection is made, so `connectTimeoutMs` has no clock of its own: the deadline for the
 * first byte holds for both.
 */
export function createFetchTransport(): HttpTransport {
  return {
    open: (origin): HttpConnections => {
      const inFlight = new Set<FetchExchange>();
      let isClosed = false;
      return {
        request: async (request) => {
          if (isClosed) throw new HttpTransportError('aborted', 'The connections were closed.');
          const exchange = new FetchExchange(request, () => inFlight.delete(exchange));
          inFlight.add(exchange);
          return exchange.start(origin);
        },
        close: async () => {
          isClosed = true;
          for (const exchange of [...inFlight]) exchange.abort('The connections were closed.');
        },
      };
    },
  };
}
