import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { pacedEvent } from '../gateway/wire.ts';

/** An upstream whose streams never end: an event at once, and one each second. */
export interface EndlessUpstream {
  readonly url: string;
  close(): void;
}

export async function startEndlessUpstream(): Promise<EndlessUpstream> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(pacedEvent);
    const timer = setInterval(() => response.write(pacedEvent), 1_000);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface HeldStreams {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly count: number;
}

/** Opens streams, and resolves when the first event of each has come. @returns what closes them again */
export async function holdStreams({ url, headers, body, count }: HeldStreams): Promise<() => void> {
  const leaving = new AbortController();
  const open = async (): Promise<void> => {
    const answer = await request(url, { method: 'POST', headers, body, signal: leaving.signal });
    await new Promise<void>((resolve, reject) => {
      answer.body.on('error', reject);
      answer.body.on('data', () => resolve());
    });
  };
  await Promise.all(Array.from({ length: count }, open));
  return () => leaving.abort();
}
