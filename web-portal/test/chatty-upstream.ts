import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** How one of the upstream's models behaves. */
export interface Manner {
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  /** 0…1; errors are spread evenly. */
  readonly errorShare: number;
  readonly words: string;
}

/** A loopback upstream in OpenAI's wire format whose models answer as they are told to. */
export async function startChattyUpstream(manners: Readonly<Record<string, Manner>>): Promise<{
  readonly url: string;
  /** Takes notifications. */
  readonly hookUrl: string;
  /** Types of those that came. */
  readonly heard: readonly string[];
  close(): void;
}> {
  const heard: string[] = [];
  const asked = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    if (request.url === '/hook') {
      heard.push((JSON.parse(text) as { readonly type: string }).type);
      return void response.end();
    }
    const body = JSON.parse(text) as { readonly model: string; readonly stream?: boolean; readonly input?: unknown };
    if (body.input !== undefined) {
      await wait(embeddingMs);
      return answerEmbedding(response, body.model, body.input);
    }
    const manner = manners[body.model];
    if (manner === undefined) return void response.writeHead(404).end();
    const count = (asked.get(body.model) ?? 0) + 1;
    asked.set(body.model, count);
    if (Math.floor(count * manner.errorShare) > Math.floor((count - 1) * manner.errorShare)) {
      const error = { message: 'The model fell over.', type: 'server_error', param: null, code: null };
      return void response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    }
    await wait(manner.firstTokenMs * hesitation(count));
    await answer(response, body.model, manner, body.stream === true);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    hookUrl: `http://127.0.0.1:${port}/hook`,
    heard,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Most answers take about as long; some take twice the time, as in life. */
function hesitation(count: number): number {
  return 0.8 + (count % 7) / 12 + (count % 23 === 0 ? 1.6 : 0);
}

const embeddingMs = 12;

/** A vector that follows from the letters: alike for alike texts. */
function answerEmbedding(response: ServerResponse, model: string, input: unknown): void {
  const texts = (Array.isArray(input) ? input : [input]).map(String);
  const data = texts.map((text, index) => {
    const counts = Array.from(
      { length: 26 },
      (_, letter) => text.toLowerCase().split(String.fromCharCode(97 + letter)).length - 1,
    );
    const norm = Math.hypot(...counts) || 1;
    return { object: 'embedding', index, embedding: counts.map((count) => count / norm) };
  });
  const tokens = texts.join(' ').split(/\s+/).length;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } }));
}

async function answer(response: ServerResponse, model: string, manner: Manner, isStream: boolean): Promise<void> {
  const tokens = manner.words.match(/\S+\s*/g) ?? [];
  const usage = { prompt_tokens: 18, completion_tokens: tokens.length, total_tokens: 18 + tokens.length };
  const common = { id: 'chatcmpl-1', created: 1, model };
  if (!isStream) {
    await wait(manner.betweenTokensMs * tokens.length);
    const message = { role: 'assistant', content: manner.words };
    const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...common, object: 'chat.completion', choices, usage }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (data: object): boolean =>
    response.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...data })}\n\n`);
  for (const content of tokens) {
    send({ choices: [{ index: 0, delta: { content }, finish_reason: null, logprobs: null }] });
    await wait(manner.betweenTokensMs);
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', logprobs: null }] });
  send({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}
