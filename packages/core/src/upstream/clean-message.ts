const longestMessage = 1_000;

/**
 * Makes an upstream's words fit for a client: no keys, no addresses, not too long.
 * @param secrets the target's keys and host, which must not appear whatever they look like
 */
export function cleanMessage(message: string, secrets: Iterable<string>): string {
  let clean = message.slice(0, 4 * longestMessage);
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '[hidden]');
  clean = clean
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>)\]}]+/gi, '[address]')
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [hidden]')
    // Keys as providers print them, also with their middle starred out.
    .replaceAll(/\b(sk|pk|rk|gsk|hf|xai|key|api|token)[-_][\w*.-]{6,}/gi, '[hidden]')
    .trim();
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage)}…` : clean;
}
