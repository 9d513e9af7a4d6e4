import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { refusal, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

function chunk(content: string, more: Record<string, unknown> = {}) {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
    ...more,
  };
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = { events: [chunk('Hel'), chunk('lo ü'), chunk('', { choices: [], usage }), '[DONE]'] };
const line = 'POST /api/infer?task=chat';

describe('scarmonit chat', () => {
  it('streams one answer to standard output and tells its speed on standard error', async () => {
    await using server = await startFakeServer({ 'POST /v1/chat/completions': answer });
    const words = [
      'chat',
      'tiny',
      '--message',
      'Hi',
      '--system',
      'Be brief.',
      '--max-tokens',
      '5',
      '--temperature',
      '0',
      '--model-version',
      '1.0.0',
    ];
    const run = await runCommand(words, { env: { SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({ exitCode: 0, stdout: 'Hello ü\n' });
    expect(run.stderr).toMatch(/^tiny: 2 tokens, [\d.]+ tokens\/s, first token after \d+ ms\n$/);
    expect(server.requests[0]?.headers['x-model-version']).toBe('1.0.0');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      model: 'tiny',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 5,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('shows the text as it comes, before the answer is complete', async () => {
    await using server = await startFakeServer({ [line]: { events: [chunk('Hel')], hang: true } });
    const leave = new AbortController();
    const run = await runCommand(['chat', '--message', 'Hi'], {
      env: { SCARMONIT_URL: server.url },
      signal: leave.signal,
      onOutput: () => leave.abort(),
    });
    expect(run).toEqual({ exitCode: 130, stdout: 'Hel', stderr: '' });
    await vi.waitFor(() => expect(server.aborted()).toBe(1));
  });

  it('keeps the conversation, forgets it at /reset and takes a system prompt', async () => {
    await using server = await startFakeServer({ [line]: answer });
    const stdin = 'one\ntwo\n/reset\nthree\n/system Be kind.\nfour\n/quit\nfive\n';
    const run = await runCommand(['chat'], { stdin, env: { SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({ exitCode: 0, stdout: 'Hello ü\n'.repeat(4) });
    const sent = server.requests.map(({ body }) => (JSON.parse(body) as { messages: { content: string }[] }).messages);
    expect(sent.map((messages) => messages.map(({ content }) => content))).toEqual([
      ['one'],
      ['one', 'Hello ü', 'two'],
      ['three'],
      ['Be kind.', 'four'],
    ]);
  });

  it('writes one line of JSON for each answer with --json', async () => {
    await using server = await startFakeServer({ [line]: answer });
    const run = await runCommand(['chat', '--json'], { stdin: 'one\ntwo\n', env: { SCARMONIT_URL: server.url } });
    const lines = run.stdout
      .trimEnd()
      .split('\n')
      .map((text): unknown => JSON.parse(text));
    expect(lines).toEqual([expect.objectContaining({ model: 'tiny', text: 'Hello ü', usage }), expect.anything()]);
  });

  it.each([
    ['a refusal', refusal(404, 'model_not_found', 'There is no model.'), 4, 'There is no model.'],
    [
      'an error inside the stream',
      { events: [chunk('Hel'), { error: { message: 'The engine broke.', code: 'engine_failure' } }] },
      1,
      'The engine broke.',
    ],
    ['a stream that breaks off', { events: [chunk('Hel')] }, 1, 'The answer broke off before its end.'],
  ])('fails on %s', async (_what, route, exitCode, message) => {
    await using server = await startFakeServer({ [line]: route });
    const run = await runCommand(['chat', '--message', 'Hi'], { env: { SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });

  it('goes on after a failed answer on a terminal', async () => {
    let isFirst = true;
    await using server = await startFakeServer({
      [line]: () => {
        const route = isFirst ? refusal(400, 'context_length_exceeded', 'Too long.') : answer;
        isFirst = false;
        return route;
      },
    });
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const running = runCommand(['chat'], {
      stdin,
      isTerminal: true,
      env: { SCARMONIT_URL: server.url, NO_COLOR: '1' },
    });
    stdin.write('one\r');
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    stdin.write('two\r');
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    stdin.end('/quit\r');
    const run = await running;
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('Too long. (/reset forgets the conversation)');
    expect(run.stdout).toContain('Hello ü');
  });

  it('stops the answer at Ctrl-C and goes on with the talk', async () => {
    await using server = await startFakeServer({ [line]: { events: [chunk('Hel')], hang: true } });
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    let isStopped = false;
    const running = runCommand(['chat'], {
      stdin,
      isTerminal: true,
      env: { SCARMONIT_URL: server.url, NO_COLOR: '1' },
      onOutput: (text) => {
        if (!isStopped && text.includes('Hel')) {
          isStopped = true;
          stdin.write('\u0003');
        }
      },
    });
    stdin.write('one\r');
    await vi.waitFor(() => expect(server.aborted()).toBe(1));
    stdin.end('/quit\r');
    const run = await running;
    expect(run).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Stopped; the conversation is as it was before.'),
    });
  });
});
