import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readChatInputs } from '../validate-inputs.ts';
import type { ChatPiece } from './answers.ts';
import { createScarmonitAnswers, type ScarmonitServer } from './scarmonit-answers.ts';

let server: Server;
let asked: {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly body: { max_tokens?: number };
};
let answer: { status: number; body: string };

beforeEach(async () => {
  server = createServer(async (request, response) => {
    asked = {
      url: request.url,
      key: request.headers.authorization,
      body: (await json(request)) as { max_tokens?: number },
    };
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const open = (more: Partial<ScarmonitServer> = {}) =>
  createScarmonitAnswers({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'sk-1', ...more });

const { signal } = new AbortController();

async function chat(answers: ReturnType<typeof open>, inputs: object): Promise<readonly ChatPiece[]> {
  return Array.fromAsync(answers.chat(readChatInputs({ prompt: 'Hello', ...inputs }), signal));
}

const cutChat = [
  '{"choices":[{"index":0,"delta":{"content":"Grüße"},"finish_reason":null}]}',
  '{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}',
  '{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}',
  '[DONE]',
];

describe('the answers of a Scarmonit server', () => {
  beforeEach(() => {
    answer = { status: 200, body: cutChat.map((data) => `data: ${data}\n\n`).join('') };
  });

  it('come by its public API, a prompt as one message, with its counts of tokens', async () => {
    expect(await chat(open(), {})).toEqual([
      { type: 'text', text: 'Grüße' },
      { type: 'end', reason: 'length', usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } },
    ]);
    expect(asked).toMatchObject({
      url: '/api/infer?task=chat',
      key: 'Bearer sk-1',
      body: { messages: [{ role: 'user', content: 'Hello' }], stream: true, max_tokens: 256, temperature: 0.6 },
    });
  });

  it.each([
    ['as long as they are asked for', {}, 1_024, 1_024, 0],
    ['no longer than they may be, and tell that they were cut', { mostTokens: 256 }, 1_024, 256, 1],
    ['as short as they are asked for', { mostTokens: 256 }, 40, 40, 0],
  ])('are %s', async (_what, limits, wanted, sent, cuts) => {
    let told = 0;
    await chat(open({ ...limits, onCut: () => (told += 1) }), { max_tokens: wanted });
    expect([asked.body.max_tokens, told]).toEqual([sent, cuts]);
  });

  it.each([
    [413, 3006],
    [429, 3040],
    [503, 3040],
    [504, 3007],
    [401, 3023],
    [400, 5006],
  ])('that fail with status %i are failures with code %i', async (status, code) => {
    answer = { status, body: '{"error":{"message":"No \\"model\\"."}}' };
    await expect(chat(open(), {})).rejects.toMatchObject({ code });
  });
});
