import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { CallContext } from '../app-parts.ts';

/**
 * Whether a browser says that the page of a request comes from this server. `Sec-Fetch-Site` (W3C Fetch Metadata) cannot
 * be forged by a page, and proxies do not disturb it; browsers send it where the address is secure or local. Elsewhere
 * `Origin` must name the host that was asked.
 * @returns undefined when it says nothing, as clients that are no browsers
 */
export function isSameOrigin(c: CallContext): boolean | undefined {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = c.req.header('origin');
  return origin === undefined ? undefined : URL.parse(origin)?.host === c.req.header('host');
}

/** @throws ScarmonitError `forbidden`: a browser sends cookies with whatever another site makes it send */
export function requireSameOrigin(c: CallContext): void {
  if (isSameOrigin(c) !== true) throw crossOrigin();
}

export function crossOrigin(): ScarmonitError {
  return new ScarmonitError('forbidden', 'With a session, changes are taken from pages of this server alone.', {
    code: 'cross_origin',
  });
}
