import type { AgentContext } from '../app-parts.ts';
import type { PortalFile, PortalFiles } from './portal-files.ts';
import { portalHeaders } from './portal-headers.ts';

/** Addresses of the API: what is not found there is no page. */
const apiPath = /^\/(?:v1|api|healthz|readyz|metrics)(?:\/|$)/;
/** Vite names these by their content. */
const hashedPath = /^\/assets\//;

/**
 * A file of the portal, or its page for an address within it, for requests that no route took.
 * @returns undefined when the address belongs to the API, or names a file that is not there
 */
export async function servePortal(c: AgentContext, files: PortalFiles): Promise<Response | undefined> {
  const { method, path } = c.req;
  if ((method !== 'GET' && method !== 'HEAD') || apiPath.test(path)) return undefined;
  const file = path === '/' ? undefined : await files.find(path);
  if (file !== undefined) return answerFile(c, file, hashedPath.test(path));
  // Programs that ask for what is not there are told so; pages are for browsers.
  const wantsPage = path === '/' || c.req.header('accept')?.includes('text/html') === true;
  if (!wantsPage || path.slice(path.lastIndexOf('/')).includes('.')) return undefined;
  const page = await files.find('/index.html');
  return page === undefined ? undefined : answerFile(c, page, false);
}

function answerFile(c: AgentContext, file: PortalFile, isHashed: boolean): Response {
  const headers: Record<string, string> = {
    ...portalHeaders,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-type': file.contentType,
  };
  if (c.req.header('if-none-match')?.includes(file.etag) === true) return new Response(null, { status: 304, headers });
  const taken = listEncodings(c.req.header('accept-encoding'));
  const packed = file.packed.find(({ encoding }) => taken.has(encoding));
  if (packed !== undefined) headers['content-encoding'] = packed.encoding;
  return new Response(packed?.body ?? file.body, { headers });
}

/** What a browser can unpack, without what it says that it does not want. */
function listEncodings(header = ''): ReadonlySet<string> {
  return new Set(
    header.split(',').flatMap((one) => (/;\s*q=0(\.0*)?\s*$/.test(one) ? [] : [one.split(';')[0]?.trim() ?? ''])),
  );
}
