import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Manner, startChattyUpstream } from './chatty-upstream.ts';
import { type Findings, openFindings } from './plant-findings.ts';

const hostMain = resolve(import.meta.dirname, '../../agent-api/node/main.ts');

/** A real host with something to look at: a good version, one that errs, and people who ask. */
export interface Demo extends Findings {
  readonly url: string;
  readonly adminKey: string;
  /** Sends a JSON request with the admin key. */
  send(method: string, path: string, body?: object): Promise<Response>;
  /** Types of the notifications that the webhook has got. */
  readonly heard: readonly string[];
  /** Asks so often that something is seen, until the next call or the end. @param perSecond 0 stops */
  askOften(perSecond: number): void;
  /** Changes the goal of the model that is searched with, in the manifest that the host watches. */
  setSearchGoal(maxLatencyMs: number): void;
  close(): Promise<void>;
}

const words =
  'You can reset your password from the sign-in page: choose "Forgot password", open the link in the mail that we send you, and pick a new one. The link works for an hour.';

const manners: Readonly<Record<string, Manner>> = {
  good: { firstTokenMs: 60, betweenTokensMs: 6, errorShare: 0, words },
  quick: { firstTokenMs: 30, betweenTokensMs: 4, errorShare: 0, words: `Of course. ${words}` },
  bad: { firstTokenMs: 50, betweenTokensMs: 5, errorShare: 0.9, words },
};

/** A goal for the search's P95, in milliseconds, that is met, and one that it never meets. */
export const reachable = 250;
export const unreachable = 1;

const adminKey = `sk-demo-${'0123456789abcdef'.repeat(2)}`;

export async function startDemo(): Promise<Demo> {
  const upstream = await startChattyUpstream(manners);
  const dir = mkdtempSync(join(tmpdir(), 'scarmonit-portal-'));
  const setSearchGoal = (maxLatencyMs: number): void =>
    writeFileSync(join(dir, 'scarmonit.yaml'), manifestOf(upstream.url, maxLatencyMs));
  setSearchGoal(reachable);
  const child = spawn(process.execPath, [hostMain], {
    env: {
      ...process.env,
      PORT: '0',
      SCARMONIT_ADMIN_KEY: adminKey,
      SCARMONIT_DATA_DIR: join(dir, 'data'),
      SCARMONIT_CONFIG: join(dir, 'scarmonit.yaml'),
      SCARMONIT_WEBHOOK_URL: upstream.hookUrl,
      SCARMONIT_WEBHOOK_SECRET: '0123456789abcdef'.repeat(2),
      SCARMONIT_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise<string>((done, fail) => {
    const listen = (text: Buffer): void => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => fail(new Error(`The host ended with ${code}: ${said}`)));
  });
  await untilReady(url);
  const send: Demo['send'] = (method, path, body) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  let asking: NodeJS.Timeout | undefined;
  const askOften = (perSecond: number): void => {
    clearInterval(asking);
    if (perSecond === 0) return;
    let count = 0;
    asking = setInterval(() => {
      count += 1;
      void askOnce(send, count).catch(() => undefined);
    }, 1000 / perSecond);
  };
  return {
    ...openFindings(join(dir, 'data')),
    url,
    adminKey,
    heard: upstream.heard,
    send,
    askOften,
    setSearchGoal,
    close: async () => {
      askOften(0);
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      upstream.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** One of 40 people asks; every third of them says what became of it. Now and then something is searched for. */
async function askOnce(send: Demo['send'], count: number): Promise<void> {
  const user = `person-${(count * 7) % 40}`;
  if (count % 6 === 0) {
    await send('POST', '/v1/embeddings', { model: 'help-search', input: `How do I reset it? (${count})`, user });
    return;
  }
  const message = { role: 'user', content: `How do I reset my password? (${count})` };
  const body = { model: 'support-chat', messages: [message], stream: count % 3 > 0, user };
  const response = await send('POST', '/v1/chat/completions', body);
  await response.text();
  const requestId = response.headers.get('x-request-id');
  if (!response.ok || count % 3 > 0) return;
  await send('POST', '/api/feedback', {
    requestId,
    rating: count % 21 === 0 ? 'down' : 'up',
    completed: count % 33 > 0,
  });
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.ok === true) return;
    await wait(100);
  }
  throw new Error(`The host at ${url} does not become ready.`);
}

function manifestOf(baseUrl: string, searchGoalMs: number): string {
  return `apiVersion: scarmonit/v1
models:
  support-chat:
    task: chat
    goals:
      maxLatencyMs: 1000
      maxErrorRate: 0.01
      minAccuracy: 0.95
      targetThroughputRps: 100
      maxCostUsd: 0.001
      maxTimeToFirstTokenMs: 500
      minSatisfaction: 0.8
    stable: 1.2.0
    versions:
      1.2.0:
        runtime: openai-compatible
        baseUrl: ${baseUrl}
        model: good
        prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0.15, outputPerMillionTokensUsd: 0.6, perSecondUsd: 0 }
      1.3.0:
        runtime: openai-compatible
        baseUrl: ${baseUrl}
        model: quick
        prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0.1, outputPerMillionTokensUsd: 0.4, perSecondUsd: 0 }
      1.4.0:
        runtime: openai-compatible
        baseUrl: ${baseUrl}
        model: bad
    rollout:
      strategy: canary
      steps: [10, 50]
      minBakeMinutes: 0.1
      deadlineHours: 1
      retentionMinutes: 5
  help-search:
    task: embedding
    goals: { maxLatencyMs: ${searchGoalMs}, maxErrorRate: 0.01 }
    maintenance: { owner: search-team, reviewEveryDays: 30 }
    stable: 1.0.0
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${baseUrl}", model: letters }
`;
}
