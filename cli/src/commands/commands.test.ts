import { describe, expect, it } from 'vitest';
import { type FakeAnswer, refusal, startFakeServer } from '../../test/fake-server.ts';
import { runCommand } from '../../test/run-command.ts';

const model = {
  name: 'tiny',
  task: 'chat',
  stable: '1.0.0',
  createdAt: 1_700_000_000_000,
  goals: { maxLatencyMs: 500 },
  versions: [
    {
      version: '1.0.0',
      runtime: 'llama-cpp',
      sha256: 'a'.repeat(64),
      state: 'ready',
      reason: null,
      options: {},
      prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
      stats: {
        residentBytes: 5e8,
        running: 1,
        queued: 0,
        slots: 4,
        queueLimit: 64,
        batchSizes: { 1: 3 },
        processId: 7,
        crashes: 0,
      },
    },
  ],
};
const key = {
  id: 'k1',
  name: 'app',
  prefix: 'sk-scarmonit-abcd',
  scopes: ['infer'],
  models: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  createdAt: 1_700_000_000_000,
  expiresAt: null,
  revokedAt: null,
};
const routes: Record<string, FakeAnswer> = {
  'GET /api/admin/models': { json: { data: [model] } },
  'GET /api/admin/models/tiny': { json: model },
  'GET /api/admin/keys': { json: { data: [key, { ...key, id: 'k2', prefix: 'sk-scarmonit-abce' }] } },
  'POST /api/admin/keys': { json: { key, secret: 'sk-scarmonit-abcdefgh' } },
  'DELETE /api/admin/keys/k1': { json: { ...key, revokedAt: 1_700_000_001_000 } },
  'PUT /api/admin/manifest': {
    json: {
      added: ['tiny@1.1.0'],
      removed: [],
      switched: ['tiny: 1.0.0 → 1.1.0'],
      rollouts: [],
      unchanged: ['a@1.0.0'],
    },
  },
};

/** Every command that asks the server, with what it prints for people. */
const asked: [words: string[], shown: RegExp, stdin: string][] = [
  [
    ['models', 'list'],
    /^MODEL +TASK +VERSION +RUNTIME +STATE\ntiny +chat +1\.0\.0 \(stable\) +llama-cpp +ready\n$/,
    '',
  ],
  [['models', 'info', 'tiny'], /memory +500\.0 MB\n +work +1 of 4 slots, 0 of 64 queued\n +batches +1: 3/, ''],
  [['keys', 'list'], /k1 +sk-scarmonit-abcd… +app +infer +all +2023-11-14 22:13 UTC +active/, ''],
  [['keys', 'create', '--name', 'app'], /^sk-scarmonit-abcdefgh\n {2}Shown this once/, ''],
  [['keys', 'revoke', 'sk-scarmonit-abcd…'], /^Revoked sk-scarmonit-abcd… \(app\)\.\n$/, ''],
  [['apply', '-'], /^\+ tiny@1\.1\.0\n~ tiny: 1\.0\.0 → 1\.1\.0\n= 1 unchanged\n$/, 'models: {}'],
];

describe.each(asked)('scarmonit %j', (words, shown, stdin) => {
  it('shows the answer to people, without colours when piped', async () => {
    await using server = await startFakeServer(routes);
    const run = await runCommand(words, { stdin, env: { SCARMONIT_URL: server.url, CI: '1' } });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toMatch(shown);
    expect(run.stdout).not.toContain('\u001b');
  });

  it('writes one line of JSON and nothing else with --json', async () => {
    await using server = await startFakeServer(routes);
    const run = await runCommand([...words, '--json'], { stdin, env: { SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(run.stdout)).toBeTypeOf('object');
  });

  it('ends with 3 and the way to start a server when none is there', async () => {
    const server = await startFakeServer({});
    await server[Symbol.asyncDispose]();
    const run = await runCommand([...words, '--json'], { stdin, env: { SCARMONIT_URL: server.url } });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toBe(
      `scarmonit: No server answers at ${server.url}. Start one with 'npm start', or correct the address. The address is taken from SCARMONIT_URL.\n`,
    );
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'unreachable' } });
  });

  it("ends with 4 and the server's words when it refuses", async () => {
    const refusing = Object.fromEntries(
      Object.keys(routes).map((line) => [line, refusal(403, 'insufficient_scope', 'The key may not do this.')]),
    );
    await using server = await startFakeServer(refusing);
    const run = await runCommand(words, { stdin, env: { SCARMONIT_URL: server.url, SCARMONIT_API_KEY: 'sk-x' } });
    expect(run).toEqual({ exitCode: 4, stdout: '', stderr: 'scarmonit: The key may not do this. (request req_1)\n' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-x');
  });
});

describe('scarmonit', () => {
  it('colours what it shows on a terminal, unless NO_COLOR says no', async () => {
    await using server = await startFakeServer(routes);
    const env = { SCARMONIT_URL: server.url };
    expect((await runCommand(['models', 'list'], { env, isTerminal: true })).stdout).toContain('\u001b[1m');
    const plain = await runCommand(['models', 'list'], { env: { ...env, NO_COLOR: '1' }, isTerminal: true });
    expect(plain.stdout).not.toContain('\u001b');
  });

  it.each([
    ['models', 'lst'],
    ['--wrong'],
    ['keys', 'create'],
    ['infer', '--task', 'translate', 'x'],
    ['keys', 'create', '--name', 'a', '--expires', 'yesterday'],
    [],
  ])('ends with 2 when it is called as %s %s %s %s', async (...words) => {
    const run = await runCommand(words);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/error: |Usage: /);
  });

  it.each([
    [],
    ['serve'],
    ['models'],
    ['models', 'list'],
    ['models', 'add'],
    ['models', 'pull'],
    ['models', 'info'],
    ['keys', 'create'],
    ['keys', 'list'],
    ['keys', 'revoke'],
    ['chat'],
    ['infer'],
    ['apply'],
    ['doctor'],
    ['engines', 'add'],
  ])('has a help for %s %s', async (...words) => {
    const run = await runCommand([...words, '--help']);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    if (words.length === 2 || !['models'].includes(words[0] ?? 'models'))
      expect(run.stdout).toMatch(/--json[\s\S]*Examples?:\n {2}\$ scarmonit /);
  });

  it('says what to set when the server wants a key and there is none', async () => {
    await using server = await startFakeServer({ 'GET /api/admin/models': refusal(401, 'invalid_api_key', 'No key.') });
    const run = await runCommand(['models', 'list'], { env: { SCARMONIT_URL: server.url } });
    expect(run.exitCode).toBe(4);
    expect(run.stderr).toContain('SCARMONIT_API_KEY is not set');
  });

  it('ends with 1 when the server itself fails, and when what answers is no Scarmonit', async () => {
    await using server = await startFakeServer({
      'GET /api/admin/models': { status: 503, json: 'upside down' },
      'GET /api/admin/keys': { json: { hello: 1 } },
    });
    const env = { SCARMONIT_URL: server.url };
    expect((await runCommand(['models', 'list'], { env })).exitCode).toBe(1);
    const run = await runCommand(['keys', 'list'], { env });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("does not answer as this version of Scarmonit does ('data'");
  });

  it('sends every limit of a new key', async () => {
    await using server = await startFakeServer(routes);
    const words = [
      'keys',
      'create',
      '--name',
      'app',
      '--scope',
      'read',
      '--scope',
      'infer',
      '--model',
      'a',
      '--model',
      'b',
      '--requests-per-minute',
      '5',
      '--tokens-per-minute',
      '6',
      '--expires',
      '2100-01-01',
    ];
    expect((await runCommand(words, { env: { SCARMONIT_URL: server.url } })).exitCode).toBe(0);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      name: 'app',
      scopes: ['infer', 'read'],
      models: ['a', 'b'],
      requestsPerMinute: 5,
      tokensPerMinute: 6,
      expiresAt: Date.UTC(2100, 0, 1),
    });
  });

  it('refuses to guess which key is meant', async () => {
    await using server = await startFakeServer(routes);
    const run = await runCommand(['keys', 'revoke', 'sk-scarmonit-abc'], { env: { SCARMONIT_URL: server.url } });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('2 keys begin with sk-scarmonit-abc; give one of the ids k1, k2.');
    expect(server.requests).toHaveLength(1);
  });

  it('sends the manifest as it is, and says which file it could not read', async () => {
    await using server = await startFakeServer(routes);
    await runCommand(['apply', '-'], { stdin: 'models: {} # ü\n', env: { SCARMONIT_URL: server.url } });
    expect(server.requests[0]).toMatchObject({ body: 'models: {} # ü\n' });
    const run = await runCommand(['apply', '/nowhere/x.yaml'], { env: { SCARMONIT_URL: server.url } });
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('/nowhere/x.yaml cannot be read (ENOENT)'),
    });
  });
});
