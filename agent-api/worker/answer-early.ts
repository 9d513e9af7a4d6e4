/** An error in OpenAI's shape for requests that never reach the app. */
export function answerEarly(
  status: number,
  error: { readonly message: string; readonly type: string; readonly code: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ error: { ...error, param: null } }), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': `req_${crypto.randomUUID().replaceAll('-', '')}`,
      ...headers,
    },
  });
}

/** Cloudflare tells which TLS a client speaks; what is older than 1.2 gets 426 and nothing else. */
export function refuseOldTls(tlsVersion: unknown): Response | undefined {
  if (typeof tlsVersion !== 'string' || tlsVersion === '' || tlsVersion >= 'TLSv1.2') return undefined;
  return answerEarly(
    426,
    { message: 'TLS 1.2 or newer is required.', type: 'invalid_request_error', code: 'tls_too_old' },
    { upgrade: 'TLS/1.2', connection: 'Upgrade' },
  );
}
