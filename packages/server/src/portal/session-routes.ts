import type { ApiKey } from '@scarmonit/core/keys/api-key';
import { type SessionView, sessionSchema, signedOutSchema, signInSchema } from '@scarmonit/protocol/admin/session';
import { toKeyView } from '../admin/keys/to-key-view.ts';
import type { AgentContext, PortalOptions } from '../app-parts.ts';
import { answerJson } from '../http/answer.ts';
import { parseBody } from '../http/parse-body.ts';
import type { Route } from '../route.ts';
import { crossOrigin, isSameOrigin } from './require-same-origin.ts';
import { formatSessionCookie, readSessionToken } from './session-cookie.ts';

const path = '/api/admin/session';

/** Signing in, asking who is signed in, and signing out. */
export function createSessionRoutes({ sessions, host }: PortalOptions): readonly Route[] {
  const toView = (key: ApiKey): SessionView => ({ key: toKeyView(key), host, project: key.projectId });

  const signIn: Route = {
    method: 'POST',
    path,
    access: 'public',
    limited: false,
    operation: {
      id: 'signIn',
      summary: 'Sign a browser in with an API key that may read. Sets the cookie of the session.',
      tag: 'Admin',
      body: { contentType: 'application/json', schemas: { SignIn: signInSchema } },
      answer: { status: 200, schemas: { Session: sessionSchema } },
    },
    async handle(c, parts) {
      if (isSameOrigin(c) === false) throw crossOrigin();
      const { token, key, expiresAt } = await sessions.open(parseBody(signInSchema, c.get('body')).key);
      const maxAgeS = Math.floor((expiresAt - parts.clock.now()) / 1000);
      const answer = answerJson(c, parts, toView(key));
      return withCookie(answer, formatSessionCookie(token, { maxAgeS, secure: isSecure(c) }));
    },
  };

  const getSession: Route = {
    method: 'GET',
    path,
    access: 'read',
    limited: false,
    operation: {
      id: 'getSession',
      summary: 'Whose key this is, and on which host.',
      tag: 'Admin',
      answer: { status: 200, schemas: { Session: sessionSchema } },
    },
    handle: (c, parts) => answerJson(c, parts, toView(c.get('key'))),
  };

  const signOut: Route = {
    method: 'DELETE',
    path,
    access: 'public',
    limited: false,
    operation: {
      id: 'signOut',
      summary: 'End the session of this browser.',
      tag: 'Admin',
      answer: { status: 200, schemas: { SignedOut: signedOutSchema } },
    },
    async handle(c, parts) {
      if (isSameOrigin(c) === false) throw crossOrigin();
      const token = readSessionToken(c.req.header('cookie'));
      if (token !== undefined) await sessions.close(token);
      const answer = answerJson(c, parts, { signedOut: true });
      return withCookie(answer, formatSessionCookie('', { maxAgeS: 0, secure: isSecure(c) }));
    },
  };

  return [signIn, getSession, signOut];
}

function withCookie<A extends { readonly headers: Readonly<Record<string, string>> }>(answer: A, cookie: string): A {
  return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } };
}

/** Whether the browser's connection is encrypted, here or at the proxy in front. Told wrongly, only that browser suffers. */
function isSecure(c: AgentContext): boolean {
  return c.req.url.startsWith('https:') || c.req.header('x-forwarded-proto') === 'https';
}
