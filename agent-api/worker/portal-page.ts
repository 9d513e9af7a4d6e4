import type { PortalFile, PortalFiles } from '@scarmonit/server/portal/portal-files';

/**
 * The portal's page, for addresses within it. Its files are served by the platform in front of the worker, so this is all
 * that is left to find.
 */
export function openPortalPage(assets: Pick<Fetcher, 'fetch'>): PortalFiles {
  let page: PortalFile | undefined;
  return {
    find: async (path) => {
      if (path !== '/index.html') return undefined;
      page ??= await readPage(assets);
      return page;
    },
  };
}

async function readPage(assets: Pick<Fetcher, 'fetch'>): Promise<PortalFile | undefined> {
  const answer = await assets.fetch('https://portal/');
  if (!answer.ok) return undefined;
  return {
    contentType: answer.headers.get('content-type') ?? 'text/html; charset=utf-8',
    etag: answer.headers.get('etag') ?? '""',
    body: new Uint8Array(await answer.arrayBuffer()),
    // The platform packs what leaves it.
    packed: [],
  };
}
