// The least that a proxy on Node costs: node:http in front, undici behind, no features. Run in its own process.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { announce } from './announce.ts';

const [upstream] = process.argv.slice(2);
if (upstream === undefined) throw new Error('Usage: node bare-proxy.ts <origin of the upstream>');
const pool = new Pool(upstream, { connections: null, pipelining: 1 });

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', async () => {
    try {
      const answer = await pool.request({
        path: request.url ?? '/',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.concat(pieces),
      });
      const type = String(answer.headers['content-type'] ?? 'application/octet-stream');
      const length = answer.headers['content-length'];
      response.writeHead(answer.statusCode, {
        'content-type': type,
        ...(length === undefined ? {} : { 'content-length': String(length) }),
      });
      answer.body.pipe(response);
    } catch {
      response.writeHead(502).end();
    }
  });
});
server.keepAliveTimeout = 120_000;
announce(server);
