import type { Scope } from '@scarmonit/core/keys/api-key';
import type { z } from 'zod';
import type { AgentContext, AppParts, CallContext } from './app-parts.ts';
import type { Answer } from './http/answer.ts';

/**
 * One route of the API. Its declaration is all there is: `registerRoutes` puts the middleware in front of it,
 * so that no route can forget to authenticate, and the OpenAPI document is generated from the same table.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Hono's pattern, such as `/v1/models/:id`. */
  readonly path: string;
  readonly access: 'public' | Scope;
  /** Whether it takes from the key's allowance of requests and tokens. */
  readonly limited: boolean;
  readonly operation: Operation;
  handle(c: AgentContext, parts: AppParts): Reply | Promise<Reply>;
}

/** Plain data where possible; a `Response` for what only that can say. */
export type Reply = Answer | Response;

/**
 * A route that needs no more of a request than {@link CallContext} tells, so that a host may run it without building a
 * `Request` and a `Response`: the routes that carry the load. Its path holds no parameters.
 */
export interface DirectRoute extends Route {
  readonly method: 'POST';
  handle(c: CallContext, parts: AppParts): Answer | Promise<Answer>;
}

/** What the OpenAPI document says of a route. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly tag: 'OpenAI' | 'Inference' | 'Health' | 'Admin';
  readonly query?: z.ZodObject;
  readonly body?: BodyDescription;
  readonly answer: AnswerDescription;
}

export type BodyDescription =
  | { readonly contentType: 'application/json'; readonly schemas: Readonly<Record<string, z.ZodType>> }
  | { readonly contentType: 'text/yaml' };

export interface AnswerDescription {
  readonly status: number;
  /** By name in the document; several are alternatives. Absent: any JSON object. */
  readonly schemas?: Readonly<Record<string, z.ZodType>>;
  /** Content types of an answer that is text and no JSON. */
  readonly texts?: readonly string[];
  /** Each `data:` of the stream, where the route can stream. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}
