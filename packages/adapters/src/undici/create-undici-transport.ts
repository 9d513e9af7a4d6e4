import type { HttpConnections, HttpTransport } from '@scarmonit/core/ports/http-transport';
import { Pool } from 'undici';
import { Exchange } from './exchange.ts';

/** How long an unused connection is kept when the server does not say; most servers close theirs after 5 s or later. */
const keepAliveMs = 4_000;

/**
 * Outgoing HTTP by undici: one pool an origin, HTTP/1.1, one request at a time on a connection. Aborting a request can
 * then close its connection without touching another, which is how an upstream learns that its client has left.
 *
 * Deadlines are undici's own, which cost no timer a request: exact up to a second, within half a second above it.
 */
export function createUndiciTransport(): HttpTransport {
  return {
    open: (origin, { connectTimeoutMs }): HttpConnections => {
      const pool = new Pool(origin, {
        connections: null,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: connectTimeoutMs },
        keepAliveTimeout: keepAliveMs,
      });
      return {
        request: (request) => new Exchange(request).start(pool),
        close: () => pool.destroy(),
      };
    },
  };
}
