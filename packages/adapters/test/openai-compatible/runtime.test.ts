import { afterAll } from 'vitest';
import { testUpstreamRuntime } from '../contracts/model-runtime.ts';
import { answer, type Behaviour, begin, delta, done, event } from '../fixtures/misbehaving-upstream.ts';
import { Opened } from './open-gateway.ts';

const opened = new Opened();
afterAll(() => opened.close());

/** Writes as many words as it may, but of a long answer only the first ones: the client is expected to leave. */
const write: Behaviour = ({ response, body }) => {
  const words = Number(body.max_tokens);
  begin(
    response,
    Array.from({ length: Math.min(words, 10) }, () => delta('word ')),
  );
  if (words > 10) return;
  const usage = { prompt_tokens: 3, completion_tokens: words, total_tokens: 3 + words };
  response.end(delta('', 'length') + event({ choices: [], usage }) + done);
};

const embed = answer(200, {
  data: [{ index: 0, embedding: [3, 4] }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
});

testUpstreamRuntime('openai-compatible, chat', 'chat', async () => {
  const upstream = await opened.upstream(write);
  return async (options = {}) => (await opened.gateway([upstream], { options })).version;
});

testUpstreamRuntime('openai-compatible, embedding', 'embedding', async () => {
  const upstream = await opened.upstream(embed);
  return async (options = {}) => (await opened.gateway([upstream], { task: 'embedding', options })).version;
});
