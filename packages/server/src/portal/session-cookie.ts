/** Name of the cookie that holds the token of a session. */
const cookieName = 'scarmonit_session';
const token = new RegExp(`(?:^|; *)${cookieName}=([0-9a-f]{64})(?:;|$)`);

/** The token in a `cookie` header, when there is a well-formed one. */
export function readSessionToken(cookieHeader: string | undefined): string | undefined {
  return cookieHeader?.match(token)?.[1];
}

/** A `set-cookie` header (RFC 6265bis): out of reach of scripts, not sent along from other sites. */
export function formatSessionCookie(
  value: string,
  options: { readonly maxAgeS: number; readonly secure: boolean },
): string {
  const secure = options.secure ? '; Secure' : '';
  return `${cookieName}=${value}; Path=/; Max-Age=${options.maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}
