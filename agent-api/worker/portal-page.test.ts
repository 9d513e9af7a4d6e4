import { expect, it } from 'vitest';
import { openPortalPage } from './portal-page.ts';

const headers = { 'content-type': 'text/html', etag: '"1a2b"' };

function openAssets(...answers: readonly Response[]) {
  const asked: string[] = [];
  const fetch = async (input: RequestInfo | URL): Promise<Response> => {
    asked.push(String(input));
    return answers[asked.length - 1] ?? new Response(null, { status: 404 });
  };
  return { asked, files: openPortalPage({ fetch } as unknown as Fetcher) };
}

it('finds the page once, and no other file', async () => {
  const { asked, files } = openAssets(new Response('<html>', { headers }));
  const page = { contentType: 'text/html', etag: '"1a2b"', packed: [], body: new TextEncoder().encode('<html>') };
  expect(await files.find('/index.html')).toEqual(page);
  expect(await files.find('/index.html')).toEqual(page);
  expect(await files.find('/assets/main.js')).toBeUndefined();
  expect(asked).toEqual(['https://portal/']);
});

it('asks again when there was none', async () => {
  const { files } = openAssets(new Response(null, { status: 404 }), new Response('<html>', { headers }));
  expect(await files.find('/index.html')).toBeUndefined();
  expect(await files.find('/index.html')).toMatchObject({ etag: '"1a2b"' });
});
