import { Agent, request } from 'node:http';
import type { StartableHost } from './startable-host.ts';

export interface Pressure {
  /** Answers so far. */
  readonly answered: number;
  /** What was no 200 with a whole body, as text. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** Asks a model over so many connections that are kept alive, as fast as it answers, in the names of so many users in turn. */
export function press(
  { url, adminKey }: Pick<StartableHost, 'url' | 'adminKey'>,
  model: string,
  connections: number,
  users: number,
): Pressure {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failures: string[] = [];
  let [asked, answered, isStopped] = [0, 0, false];
  const askOne = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      const body = JSON.stringify({
        model,
        user: `user-${asked++ % users}`,
        messages: [{ role: 'user', content: 'Hello' }],
      });
      const headers = {
        authorization: `Bearer ${adminKey}`,
        'content-type': 'application/json',
        'content-length': body.length,
      };
      const sent = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve(response.statusCode === 200 && text.endsWith('}') ? undefined : `${response.statusCode} ${text}`),
        );
        response.on('error', (error) => resolve(String(error)));
      });
      sent.on('error', (error) => resolve(String(error)));
      sent.end(body);
    });
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const failure = await askOne();
      if (failure !== undefined) failures.push(failure);
      answered += 1;
    }
  };
  const running = Array.from({ length: connections }, run);
  return {
    get answered() {
      return answered;
    },
    failures,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
}
