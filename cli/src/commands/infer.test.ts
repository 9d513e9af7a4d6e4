import { describe, expect, it } from 'vitest';
import { refusal, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const line = 'POST /api/infer?task=classification';

function classify(texts: readonly string[]) {
  const data = texts.map((text, index) => ({
    object: 'classification',
    index,
    label: text.includes('good') ? 'positive' : 'negative',
    score: 0.9,
    labels: [{ label: 'positive', score: 0.9 }],
  }));
  return { json: { object: 'list', data, model: 'sentiment', usage: { prompt_tokens: 1, total_tokens: 1 } } };
}

function textsOf(body: string): string[] {
  return (JSON.parse(body) as { input: string[] }).input;
}

describe('scarmonit infer', () => {
  it.each([
    [['a', 'good', 'day'], ''],
    [[], 'a good day\n'],
  ])('takes the text from arguments %j or else from standard input', async (words, stdin) => {
    await using server = await startFakeServer({ [line]: ({ body }) => classify(textsOf(body)) });
    const run = await runCommand(['infer', '--task', 'classification', ...words], {
      stdin,
      env: { SCARMONIT_URL: server.url },
    });
    expect(run).toEqual({ exitCode: 0, stdout: 'positive  0.9000\n', stderr: '' });
    expect(server.requests[0]?.body).toBe('{"input":["a good day"]}');
  });

  it('is a wrong call without any text', async () => {
    expect(await runCommand(['infer'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('There is no text'),
    });
  });

  it('answers lines in order, carries their members over and sends many at once', async () => {
    await using server = await startFakeServer({ [line]: ({ body }) => classify(textsOf(body)) });
    const stdin = Array.from({ length: 40 }, (_, id) =>
      JSON.stringify({ id, text: id % 2 === 0 ? 'good' : 'bad' }),
    ).join('\n');
    const run = await runCommand(['infer', '-t', 'classification', '--batch'], {
      stdin,
      env: { SCARMONIT_URL: server.url },
    });
    const lines = run.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { id: number; label: string });
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, id) => id));
    expect(lines.map(({ label }) => label).slice(0, 2)).toEqual(['positive', 'negative']);
    expect(server.requests.map(({ body }) => textsOf(body).length)).toEqual([32, 8]);
  });

  it('lets a bad line fail alone, and says so by the exit code', async () => {
    await using server = await startFakeServer({
      [line]: ({ body }) =>
        textsOf(body).includes('')
          ? refusal(400, 'invalid_value', 'An input must not be empty.')
          : classify(textsOf(body)),
    });
    const run = await runCommand(['infer', '-t', 'classification', '--batch'], {
      stdin: '"good"\n""\nnot json\n{"text":"bad","n":1}\n',
      env: { SCARMONIT_URL: server.url },
    });
    expect(run.exitCode).toBe(1);
    const lines = run.stdout
      .trimEnd()
      .split('\n')
      .map((text): unknown => JSON.parse(text));
    expect(lines).toEqual([
      expect.objectContaining({ label: 'positive' }),
      { error: { message: 'An input must not be empty.', code: 'invalid_value' } },
      { error: { message: 'The line must be a JSON string or an object with "text".', code: 'invalid_line' } },
      expect.objectContaining({ label: 'negative', n: 1 }),
    ]);
  });

  it('waits and asks again when the server says that it is too early', async () => {
    let isFirst = true;
    await using server = await startFakeServer({
      [line]: ({ body }) => {
        if (!isFirst) return classify(textsOf(body));
        isFirst = false;
        return { ...refusal(429, 'rate_limit_exceeded', 'Slow down.'), headers: { 'retry-after': '0' } };
      },
    });
    const run = await runCommand(['infer', '-t', 'classification', '--batch'], {
      stdin: '"good"\n',
      env: { SCARMONIT_URL: server.url },
    });
    expect(run.exitCode).toBe(0);
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    [
      'chat',
      {
        object: 'chat.completion',
        id: 'c',
        created: 1,
        model: 'tiny',
        service_tier: 'default',
        system_fingerprint: 'f',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'Paris.', refusal: null, annotations: [] },
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
        usage: {
          prompt_tokens: 1,
          completion_tokens: 1,
          total_tokens: 2,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
      },
      'Paris.\n',
    ],
    [
      'embedding',
      {
        object: 'list',
        model: 'use',
        data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      },
      '[0.5,-0.25]\n',
    ],
  ])('answers the task %s', async (task, json, stdout) => {
    await using server = await startFakeServer({ [`POST /api/infer?task=${task}`]: { json } });
    const run = await runCommand(['infer', '--task', task, 'Which capital?'], { env: { SCARMONIT_URL: server.url } });
    expect(run).toEqual({ exitCode: 0, stdout, stderr: '' });
  });
});
