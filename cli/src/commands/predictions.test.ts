import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testPredictionView } from '../../test/prediction-view.ts';
import { runCommand } from '../../test/run-command.ts';

let server: Server;
let asked: URL[];
let answer: (url: URL, response: ServerResponse) => void;

const listen = (port: number): Promise<number> =>
  new Promise((resolve) => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      asked.push(url);
      answer(url, response);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
const stop = (): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

let folder: string;
let env: { readonly SCARMONIT_URL: string };
beforeEach(async () => {
  asked = [];
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-cli-predictions-'));
  env = { SCARMONIT_URL: `http://127.0.0.1:${await listen(0)}` };
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const json = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
const page = (ids: readonly string[], nextBefore: string | null = null) => ({
  data: ids.map((id) => testPredictionView({ id, requestId: `req_${id}` })),
  nextBefore,
});

describe('scarmonit predictions list', () => {
  it('asks for what the filters say, and shows it in columns', async () => {
    answer = (_, response) => json(response, page(['a']));
    const words = '--model chat --version 1.0.0 --outcome ok --key key1 --request req_a --min-latency 20 --limit 5';
    const times = '--since 2027-01-31T13:00Z --until 2027-01-31T14:00Z';
    const run = await runCommand(['predictions', 'list', ...`${words} ${times}`.split(' ')], { env });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({
      model: 'chat',
      version: '1.0.0',
      outcome: 'ok',
      keyId: 'key1',
      requestId: 'req_a',
      minLatencyMs: '20',
      since: String(Date.UTC(2027, 0, 31, 13)),
      until: String(Date.UTC(2027, 0, 31, 14)),
      limit: '5',
    });
    expect(run.stdout).toMatch(/^AT \(UTC\) +MODEL +OUTCOME +STATUS +LATENCY +FIRST +TOKENS +ROUTE +REQUEST\n/);
    expect(run.stdout).toMatch(/\n2027-01-31 13:05:06\.789 +chat@1\.0\.0 +ok +200 +1\.24 s +48 ms +7→32 .*req_a\n$/);
  });

  it('goes on where a page ends early, and says how to go on where there is more', async () => {
    const pages = [page([], 'q'), page(['b', 'a'], 'a')];
    answer = (_, response) => json(response, pages.shift());
    const run = await runCommand(['predictions', 'list', '--limit', '2'], { env });
    expect(asked.map((url) => url.search)).toEqual(['?limit=2', '?limit=2&before=q']);
    expect(run.stdout).toContain('There may be more: --before a');
  });

  it('refuses a time that is none', async () => {
    expect(await runCommand(['predictions', 'list', '--since', 'yesterday'], { env })).toMatchObject({ exitCode: 2 });
  });
});

describe('scarmonit predictions export', () => {
  it('writes what comes to standard output', async () => {
    answer = (_, response) => response.writeHead(200).end('{"id":"a"}\n{"id":"b"}\n');
    const run = await runCommand(['predictions', 'export', '--outcome', 'error'], { env });
    expect(run).toMatchObject({ exitCode: 0, stdout: '{"id":"a"}\n{"id":"b"}\n', stderr: '' });
    expect(asked[0]?.search).toBe('?outcome=error&format=ndjson');
  });

  it('writes a file that is whole', async () => {
    answer = (_, response) => response.writeHead(200).end('id\r\na\r\n');
    const file = join(folder, 'all.csv');
    const run = await runCommand(['predictions', 'export', '--format', 'csv', '--output', file], { env });
    expect(run).toMatchObject({ exitCode: 0, stdout: `Wrote 7 B to ${file}.\n` });
    expect(readFileSync(file, 'utf8')).toBe('id\r\na\r\n');
  });

  it('leaves no file where the answer breaks off', async () => {
    answer = (_, response) => {
      response.writeHead(200).write('{"id":"a"}\n');
      response.on('drain', () => undefined);
      setImmediate(() => response.destroy());
    };
    const file = join(folder, 'all.ndjson');
    const run = await runCommand(['predictions', 'export', '--output', file], { env });
    expect(run.exitCode).toBe(1);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.part`)).toBe(false);
  });
});

describe('scarmonit tail', () => {
  it('shows what comes, waits for a server that is away, and loses nothing', async () => {
    const ids = ['a', 'b'];
    answer = (url, response) => {
      const after = url.searchParams.get('after') ?? '';
      json(response, page(ids.filter((id) => id > after).reverse()));
    };
    const ctrlC = new AbortController();
    const port = Number(new URL(env.SCARMONIT_URL).port);
    let phase: 'up' | 'away' | 'back' = 'up';
    const run = await runCommand(['tail', '--lines', '1', '--every', '0.02'], {
      env,
      signal: ctrlC.signal,
      onOutput: (text) => {
        if (phase === 'up' && text.includes('req_b')) {
          phase = 'away';
          void stop().then(async () => {
            ids.push('c');
            await listen(port);
            phase = 'back';
          });
        }
        if (text.includes('req_c')) ctrlC.abort();
      },
    });
    expect(run.exitCode).toBe(130);
    expect(phase).toBe('back');
    expect(run.stdout.match(/req_\w/g)).toEqual(['req_b', 'req_c']);
    expect(run.stdout).toMatch(/^AT \(UTC\) +MODEL[^\n]*\n13:05:06\.789 +chat@1\.0\.0/);
  });

  it('writes lines of JSON, and no heading', async () => {
    answer = (_, response) => json(response, page(['a']));
    const ctrlC = new AbortController();
    const options = { env, signal: ctrlC.signal, onOutput: () => ctrlC.abort() };
    const run = await runCommand(['tail', '--json', '--outcome', 'ok'], options);
    expect(JSON.parse(run.stdout)).toMatchObject({ id: 'a', latencyMs: 1_240 });
    expect(asked[0]?.search).toBe('?outcome=ok&limit=100');
  });

  it('ends where the server refuses', async () => {
    answer = (_, response) => {
      const error = { message: 'No.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' };
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    };
    expect((await runCommand(['tail'], { env })).exitCode).toBe(4);
  });
});
