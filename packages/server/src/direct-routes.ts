import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { AgentEnv, AppParts, CallContext } from './app-parts.ts';
import type { Answer } from './http/answer.ts';
import { beginRequest } from './middleware/begin-request.ts';
import type { DirectRoute } from './route.ts';
import { runRoute } from './run-route.ts';

/** A request as a host has it that builds no `Request`. */
export interface DirectRequest {
  /** @param name in lower case */
  header(name: string): string | undefined;
  /** Aborted when the client leaves before its answer is whole. */
  readonly signal: CancelSignal;
  /** The whole body as UTF-8. @throws ScarmonitError as `readBodyText` */
  readBody(maxBytes: number): Promise<string>;
}

/** Answers one request of a known route. Never rejects. */
export type AnswerDirectly = (request: DirectRequest) => Promise<Answer>;

/**
 * The way past `Request`, `Response` and the router for the routes that carry the load: the same handlers behind the same
 * checks, with the same answers. Everything else (other methods and paths, a query, browsers of other origins) goes the
 * general way.
 */
export interface DirectRoutes {
  /** @param url the request's target as it was sent, from the slash on */
  find(method: string | undefined, url: string | undefined): AnswerDirectly | undefined;
}

export function createDirectRoutes(routes: readonly DirectRoute[], parts: AppParts): DirectRoutes {
  const byPath = new Map<string, AnswerDirectly>(
    routes.map((route) => [
      route.path,
      (request) => {
        const c = new DirectContext(request);
        beginRequest(c, parts);
        const readBody = (): Promise<string> => request.readBody(parts.maxBodyBytes);
        return runRoute(route, c, parts, readBody, () => route.handle(c, parts));
      },
    ]),
  );
  return {
    find: (method, url) => (method === 'POST' && url !== undefined ? byPath.get(url) : undefined),
  };
}

type Variables = AgentEnv['Variables'];

class DirectContext implements CallContext {
  readonly req: CallContext['req'];
  // As with Hono's, what has not been set yet is undefined, whatever the type says.
  readonly #variables = {} as Variables;

  constructor(request: DirectRequest) {
    this.req = {
      header: (name) => request.header(name),
      raw: request,
    };
  }

  get<Name extends keyof Variables>(name: Name): Variables[Name] {
    return this.#variables[name];
  }

  set<Name extends keyof Variables>(name: Name, value: Variables[Name]): void {
    this.#variables[name] = value;
  }
}
