import { type Agent, request as httpRequest } from 'node:http';

/** When a client leaves its stream. */
export type Leaving =
  /** As soon as the request is written. */
  | 'when sent'
  /** As soon as the promise resolves. */
  | Promise<void>
  /** After so many chunks. */
  | number;

export interface StreamOptions {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly agent: Agent;
  /** Names the request at the gateway and at the upstream. */
  readonly id: string;
  /** Absent: it stays to the end. */
  readonly leaving?: Leaving;
}

/**
 * Streams a chat answer by `node:http`, which costs a test of thousands less than `fetch`.
 * @returns `whole`, `left`, or what was wrong. Never rejects
 */
export function streamChat({ url, key, model, agent, id, leaving }: StreamOptions): Promise<string> {
  return new Promise((resolve) => {
    const request = httpRequest(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': id },
    });
    const leave = (): void => {
      resolve('left');
      request.destroy();
    };
    request.once('error', (error) => resolve(`failed: ${error.message}`));
    request.once('response', (response) => {
      let last = '';
      let chunks = 0;
      response.setEncoding('utf8').on('data', (text: string) => {
        last = (last + text).slice(-200);
        chunks += text.split('data: ').length - 1;
        if (typeof leaving === 'number' && chunks >= leaving) leave();
      });
      response.once('error', (error) => resolve(`broken: ${error.message}`));
      response.once('end', () => {
        const isWhole = response.statusCode === 200 && last.endsWith('data: [DONE]\n\n');
        resolve(isWhole ? 'whole' : `${response.statusCode}: ${last}`);
      });
    });
    if (leaving instanceof Promise) void leaving.then(leave);
    request.end(
      JSON.stringify({ model, user: id, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
      leaving === 'when sent' ? leave : undefined,
    );
  });
}
