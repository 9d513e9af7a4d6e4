import { answerHeaders } from '../../http/answer.ts';
import type { Route } from '../../route.ts';
import { buildDocument } from './build-document.ts';

/** The route that describes all routes, itself included. The text is made once, at the first request for it. */
export function describeApi(routes: readonly Route[]): Route {
  let text: string | undefined;
  const route: Route = {
    method: 'GET',
    path: '/api/openapi.json',
    access: 'public',
    limited: false,
    operation: {
      id: 'describeApi',
      summary: 'This document.',
      tag: 'Health',
      answer: { status: 200 },
    },
    handle(c, parts) {
      text ??= JSON.stringify(buildDocument([...routes, route]));
      return new Response(text, { headers: answerHeaders(c, parts) });
    },
  };
  return route;
}
