import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import type { RunningHost } from './run-host.ts';

/** What one round of chat gave: all tokens of all clients by the time that all of them took. */
export interface ChatRound {
  readonly tokensPerSecond: number;
  /** Mean over the clients. */
  readonly firstTokenMs: number;
}

const tokensPerAnswer = 96;

/** So many clients at once, each streaming one whole answer. Prompts differ, so that nothing is reused. */
export async function streamChat(host: RunningHost, clients: number, round: number): Promise<ChatRound> {
  const openai = new OpenAI({ baseURL: `${host.url}/v1`, apiKey: host.key, maxRetries: 0 });
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const sentAt = performance.now();
      let firstTokenMs = 0;
      let tokens = 0;
      const stream = await openai.chat.completions.create({
        model: 'tinyllama-chat',
        messages: [{ role: 'user', content: prompt(round, client) }],
        max_tokens: tokensPerAnswer,
        temperature: 0.7,
        seed: client,
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream) {
        if (firstTokenMs === 0 && chunk.choices[0]?.delta.content) firstTokenMs = performance.now() - sentAt;
        tokens = chunk.usage?.completion_tokens ?? tokens;
      }
      return { firstTokenMs, tokens };
    }),
  );
  return summarize(answers, performance.now() - startedAt);
}

/** node-llama-cpp called directly, in a process of its own: one context, one sequence a client. */
export async function openDirectEngine(modelPath: string): Promise<{
  run(clients: number, round: number): Promise<ChatRound>;
  stop(): Promise<void>;
}> {
  const child = fork(fileURLToPath(new URL('direct-llama.ts', import.meta.url)), [modelPath]);
  await once(child, 'message');
  return {
    run: async (clients, round) => {
      const prompts = Array.from({ length: clients }, (_, client) => prompt(round, client));
      child.send({ prompts, maxTokens: tokensPerAnswer });
      const [{ answers, elapsedMs }] = await once(child, 'message');
      return summarize(answers, elapsedMs);
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function prompt(round: number, client: number): string {
  return `Story ${round}-${client}: tell a long story about traveller number ${round * 10 + client} and the sea.`;
}

function summarize(answers: readonly { firstTokenMs: number; tokens: number }[], elapsedMs: number): ChatRound {
  const sum = (pick: (answer: { firstTokenMs: number; tokens: number }) => number): number =>
    answers.reduce((total, answer) => total + pick(answer), 0);
  return {
    tokensPerSecond: (sum(({ tokens }) => tokens) * 1000) / elapsedMs,
    firstTokenMs: sum(({ firstTokenMs }) => firstTokenMs) / answers.length,
  };
}
