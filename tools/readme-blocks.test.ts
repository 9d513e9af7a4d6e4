import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCurlCommands, runCurlCommand } from './readme-blocks.mjs';

const markdown = `
\`\`\`sh
export SCARMONIT_API_KEY=sk-scarmonit-…   # the key

curl http://127.0.0.1:8787/echo \\
  -H "Authorization: Bearer $SCARMONIT_API_KEY" \\
  -d '{"text":"What a lovely film!"}'

curl 'http://127.0.0.1:8787/fault?a=1' -d '{}'
\`\`\`

\`\`\`ts
curl http://127.0.0.1:8787/typescript
\`\`\`
`;

describe("README's commands", () => {
  const [echo = '', fault = ''] = listCurlCommands(markdown);
  let server: Server;
  let running: { url: string; key: string };
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { authorization } = request.headers;
      if (request.url === '/echo') response.end(JSON.stringify({ authorization, body: await json(request) }));
      else if (request.url === '/text') response.end('not JSON');
      else response.writeHead(400).end(JSON.stringify({ error: { message: 'no such thing' } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    running = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'sk-test' };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('are those of its shell blocks that begin with curl', () => {
    expect(listCurlCommands(markdown)).toHaveLength(2);
    expect(echo).toMatch(/^curl .*\/echo \\\n.*\n.*lovely film!"}'$/);
  });

  it('run as printed, with the address and the key of the server', async () => {
    expect(await runCurlCommand(echo, running)).toEqual({
      authorization: 'Bearer sk-test',
      body: { text: 'What a lovely film!' },
    });
  });

  it('fail when the answer is an error, is no JSON, or does not come', async () => {
    await expect(runCurlCommand(fault, running)).rejects.toThrow('this answered an error');
    await expect(runCurlCommand('curl http://127.0.0.1:8787/text', running)).rejects.toThrow('this answered no JSON');
    const unknownOption = 'curl --no-such-option http://127.0.0.1:8787/echo';
    await expect(runCurlCommand(unknownOption, running)).rejects.toThrow('exit code 2');
    await expect(runCurlCommand('curl http://127.0.0.1:1/', running)).rejects.toThrow('does not ask');
  });

  it('are at least a chat, an embedding and a classification', () => {
    const commands = listCurlCommands(readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
    for (const path of ['/v1/chat/completions', '/v1/embeddings', '/api/infer?task=classification']) {
      expect(commands.filter((command) => command.includes(path))).not.toEqual([]);
    }
  });
});
