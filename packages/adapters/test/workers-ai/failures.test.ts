import { httpStatusOf } from '@scarmonit/core/errors/http-status';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiToken, ask, carriers, chat, collect, generate, WorkersAi } from './open-workers-ai.ts';

let platform: WorkersAi;
beforeEach(async () => {
  platform = await WorkersAi.start();
});
afterEach(() => platform.close());

/** Each code of the platform's table, and the HTTP status that an OpenAI client sees. */
const codes = [
  [3003, 400],
  [3006, 413],
  [3007, 504],
  [3008, 504],
  [3023, 403],
  [3036, 429],
  [3039, 400],
  [3040, 429],
  [3041, 403],
  [3042, 404],
  [5004, 400],
  [5005, 400],
  [5006, 400],
  [5007, 400],
  [5016, 403],
  [5018, 403],
  [5019, 400],
] as const;

const tasks = ['chat', 'embedding', 'classification'] as const;

describe.each(carriers)('Workers AI by %s', (carrier) => {
  describe.each(codes)('that refuses with code %i', (code, status) => {
    it.each(tasks)(`is status ${status} to who asks for %s`, async (task) => {
      const { version } = await platform.open(carrier, { task });
      platform.emulator.behave(`error:${code}`);
      const error = await ask(task, version).catch((thrown: unknown) => thrown);
      if (!(error instanceof ScarmonitError)) throw error;
      expect(httpStatusOf[error.kind]).toBe(status);
      expect(error.message).toContain(`(code ${code})`);
      expect(error.message).not.toMatch(/AiError|hunter2/);
    });
  });

  it('says when the day’s allowance comes back, and what OpenAI’s clients know for it', async () => {
    const { version } = await platform.open(carrier);
    platform.emulator.behave('error:3036');
    await expect(ask('chat', version)).rejects.toMatchObject({
      code: 'insufficient_quota',
      retryAfterMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= 24 * 3_600_000),
    });
  });

  it('refuses at once when it is busy, if it is told to', async () => {
    platform.emulator.behave('busy');
    const eager = await platform.open(carrier, { options: { rejectIfBusy: true } });
    await expect(ask('chat', eager.version)).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 1_000 });
    const patient = await platform.open(carrier);
    expect(await ask('chat', patient.version)).toBe('You said: Hello there');
  });

  it.each([
    ['truncate', { kind: 'engine_failure', code: 'upstream_broke_off' }],
    ['break', { kind: 'engine_failure', code: 'upstream_broke_off' }],
    ['malformed', { kind: 'bad_gateway', code: 'upstream_malformed_answer' }],
    ['stall', { kind: 'timeout', code: 'upstream_timeout' }],
  ])('never ends a stream well that goes wrong: %s', async (behaviour, expected) => {
    const { version } = await platform.open(carrier, { options: { idleTimeoutMs: 50 } });
    for (const model of ['', '@cf/google/gemma-4-26b-a4b-it']) {
      const asked = model === '' ? version : await openModel(model);
      platform.emulator.behave(behaviour);
      const seen: string[] = [];
      const read = async () => {
        for await (const event of generate(asked, chat('one two three four'))) seen.push(event.type);
      };
      await expect(read()).rejects.toMatchObject(expected);
      expect(seen).toContain('text');
      expect(seen).not.toContain('finish');
      expect(await asked.stats()).toMatchObject({ running: 0 });
    }

    async function openModel(model: string) {
      const { spec } = await platform.open(carrier);
      return (await platform.open(carrier, { target: { ...spec.target, model }, options: { idleTimeoutMs: 50 } }))
        .version;
    }
  });

  it.each([
    ['success-false', { kind: 'invalid_request', message: 'the answer is no success (code 5006).' }],
    ['malformed', { kind: 'bad_gateway' }],
    ['break', { kind: 'engine_failure' }],
    ['hang', { kind: 'timeout', code: 'upstream_timeout' }],
    ['slow:5000', { kind: 'timeout', code: 'upstream_timeout' }],
  ])('fails clearly where no stream is: %s', async (behaviour, expected) => {
    for (const task of ['embedding', 'classification'] as const) {
      const { version } = await platform.open(carrier, { task, options: { firstByteTimeoutMs: 50 } });
      platform.emulator.behave(behaviour);
      await expect(ask(task, version)).rejects.toMatchObject(expected);
      expect(await version.stats()).toMatchObject({ running: 0 });
    }
  });

  it('fails clearly where a stream was asked for and an envelope says that it failed', async () => {
    const { version } = await platform.open(carrier);
    platform.emulator.behave('success-false');
    await expect(ask('chat', version)).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('has its deadline for the first byte of a stream', async () => {
    const { version } = await platform.open(carrier, { options: { firstByteTimeoutMs: 50 } });
    platform.emulator.behave('hang');
    await expect(ask('chat', version)).rejects.toMatchObject({ kind: 'timeout', code: 'upstream_timeout' });
    await expect.poll(() => platform.emulator.requests.at(-1)?.state).toBe('aborted');
  });

  it.each(['the signal', 'the iterator'])('sees within a stream that the client has left, by %s', async (by) => {
    const { version } = await platform.open(carrier);
    platform.emulator.behave('stall');
    const client = new AbortController();
    const events = generate(version, chat('one two three four'), client.signal)[Symbol.asyncIterator]();
    while ((await events.next()).value?.type !== 'text');
    if (by === 'the signal') {
      client.abort();
      const drain = async () => {
        while ((await events.next()).done !== true);
      };
      await expect(drain()).rejects.toMatchObject({ kind: 'cancelled' });
    } else await events.return?.();
    await expect.poll(() => platform.emulator.requests.at(-1)?.state).toBe('aborted');
    expect(await version.stats()).toMatchObject({ running: 0 });
  });

  it.each(tasks)('sees that the client has left before the first byte: %s', async (task) => {
    const { version } = await platform.open(carrier, { task });
    platform.emulator.behave('hang');
    const client = new AbortController();
    const context = { signal: client.signal };
    const input = { kind: 'texts', texts: ['a'] } as const;
    const asked =
      version.embed?.({ input }, context) ??
      version.classify?.({ input }, context) ??
      collect(generate(version, chat('Hi'), client.signal));
    const failed = expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    await expect.poll(() => platform.emulator.requests.length).toBe(1);
    client.abort();
    await failed;
    await expect.poll(() => platform.emulator.requests[0]?.state).toBe('aborted');
  });

  it('refuses more than it may have at once, and takes the next when one has left', async () => {
    const { version } = await platform.open(carrier, { task: 'embedding', options: { maxInFlight: 1 } });
    platform.emulator.behave('slow:100', 1);
    const first = ask('embedding', version);
    await expect(ask('embedding', version)).rejects.toMatchObject({ kind: 'overloaded' });
    await first;
    expect(await ask('embedding', version)).toMatchObject({ vectors: [expect.anything()] });
  });
});

describe('Workers AI by REST', () => {
  it('refuses a token, which is said without showing it', async () => {
    const { spec } = await platform.open('REST');
    const { version } = await platform.open('REST', { target: { ...spec.target, accountId: 'account-2' } });
    const update = version.prepareUpdate?.({ ...spec, target: { ...spec.target, apiToken: 'another-token' } });
    update?.();
    const error = await ask('chat', version).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'engine_failure', code: 'upstream_auth_failed' });
    expect(String(error)).not.toContain('another-token');
  });

  it('cannot be reached', async () => {
    const { version } = await platform.open('REST');
    await platform.emulator.close();
    const error = await ask('chat', version).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'bad_gateway', code: 'upstream_unreachable' });
    expect(String(error)).not.toContain('127.0.0.1');
  });

  it.each([
    ['no account', { target: {} }, 'missing_secret', 'CLOUDFLARE_ACCOUNT_ID'],
    [
      'the host’s token for another address',
      { target: { baseUrl: 'https://elsewhere.example/client/v4', accountId: 'a' } },
      'secret_not_allowed',
      'CLOUDFLARE_API_TOKEN',
    ],
    [
      'the host’s token for an address of this machine that it is not bound to',
      { target: { baseUrl: 'http://127.0.0.1:9/client/v4', accountId: 'a' } },
      'secret_not_bound',
      'CLOUDFLARE_API_TOKEN to http://127.0.0.1:9/client/v4',
    ],
    [
      'another token for an address that it is not bound to',
      { target: { baseUrl: 'http://127.0.0.1:9/client/v4', accountId: 'a', apiToken: `\${OTHER_API_KEY}` } },
      'secret_not_bound',
      'OTHER_API_KEY to http://127.0.0.1:9/client/v4',
    ],
  ])('is not asked with %s', async (_what, { target }, code, name) => {
    const { createWorkersAiRestRuntime } = await import('../../src/runtimes/workers-ai/create-workers-ai-runtime.ts');
    const { spec } = await platform.open('REST');
    const requireBound = (name: string, baseUrl: string): void => {
      if (baseUrl.startsWith('https://api.cloudflare.com/')) return;
      throw new ScarmonitError('invalid_request', `${name} to ${baseUrl}`, { code: 'secret_not_bound' });
    };
    const runtime = createWorkersAiRestRuntime({
      transport: { open: () => ({ request: () => Promise.reject(new Error('asked')), close: async () => {} }) },
      clock: { now: () => 0, monotonicMs: () => 0, schedule: () => () => {} },
      ids: { next: () => 'id', randomBytes: () => new Uint8Array() },
      lookUpSecret: (name, baseUrl) => {
        requireBound(name, baseUrl);
        return undefined;
      },
      requireBound,
      cloudflare: { accountId: undefined, apiToken },
    });
    const loading = runtime.load({ ...spec, target: { model: spec.target.model, ...target } });
    await expect(loading).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
  });
});

describe('Workers AI by the binding', () => {
  it('refuses a version that is elsewhere', async () => {
    const target = { model: '@cf/meta/llama-3-8b-instruct', baseUrl: 'http://127.0.0.1:1/client/v4' };
    await expect(platform.open('binding', { target })).rejects.toMatchObject({ param: 'baseUrl' });
  });
});
