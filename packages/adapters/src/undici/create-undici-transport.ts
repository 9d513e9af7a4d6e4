import type { LookupFunction } from 'node:net';
import { type HttpConnections, type HttpTransport, HttpTransportError } from '@scarmonit/core/ports/http-transport';
import { buildConnector, Client } from 'undici';
import { Exchange } from './exchange.ts';

export interface UndiciSettings {
  /** Resolves names in place of the system, with the last word on which addresses are connected to. */
  readonly lookup?: LookupFunction;
}

/** How long an unused connection is kept when the server does not say; most servers close theirs after 5 s or later. */
const keepAliveMs = 4_000;

/**
 * Outgoing HTTP by undici: HTTP/1.1, one request at a time on a connection. Aborting a request can then close its
 * connection without touching another, which is how an upstream learns that its client has left.
 *
 * A client of undici's is one connection, which it opens again when it is needed. The idle ones are kept here, the latest
 * used on top, so that those that are not needed run out of their time: undici's own pool looks through all of them for
 * each request and tells of each that becomes free by an event.
 *
 * Deadlines are undici's own, which cost no timer a request: exact up to a second, within half a second above it.
 */
export function createUndiciTransport(settings: UndiciSettings = {}): HttpTransport {
  return {
    open: (origin, { connectTimeoutMs }): HttpConnections => {
      // Shared, since it remembers TLS sessions.
      const connect = buildConnector({ ...settings, timeout: connectTimeoutMs, allowH2: false });
      const clients: Client[] = [];
      const idle: Client[] = [];
      let isClosed = false;
      const open = (): Client => {
        const client = new Client(origin, { pipelining: 1, allowH2: false, connect, keepAliveTimeout: keepAliveMs });
        clients.push(client);
        return client;
      };
      return {
        request: (request) => {
          if (isClosed) return Promise.reject(new HttpTransportError('aborted', 'The connections were closed.'));
          return new Exchange(request, idle.pop() ?? open(), idle).start();
        },
        close: async () => {
          isClosed = true;
          await Promise.all(clients.map((client) => client.destroy()));
        },
      };
    },
  };
}
