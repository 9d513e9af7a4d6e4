// The product as a stranger meets it: `npm start` with an empty data directory, one request of each kind with the key
// that it printed, SIGTERM, and a second start. Plain JavaScript, because it may be what installs everything.
//
//   node tools/smoke.mjs

import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectNode, root } from './ensure-installed.mjs';
import { listCurlCommands, runCurlCommand } from './readme-blocks.mjs';

const firstStartTimeoutMs = 20 * 60_000;
const stopTimeoutMs = 60_000;
const mostInstalledBytes = 990_000_000;

const dataDir = mkdtempSync(join(tmpdir(), 'scarmonit-smoke-'));
let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    cleanUp();
    process.exit(1);
  });
}
try {
  const first = await start('first start');
  const key = /^API key: (sk-\S+)$/m.exec(first.output())?.[1];
  expect(key !== undefined, 'the first start prints an API key', first.output());
  await askEverything(first.url, key);
  runExample('examples/openai-client.ts', first.url, key);
  for (const command of listCurlCommands(readFileSync(join(root, 'README.md'), 'utf8'))) {
    await runCurlCommand(command, { url: first.url, key });
    note(`ok: README's ${command.split('\n')[0]}`);
  }
  await stop(first);

  const second = await start('second start');
  expect(!second.output().includes(key), 'a later start does not show the key');
  await ask(`${second.url}/v1/models`, key);
  await stop(second);
  note(`a second start is ready ${(second.readyMs / 1000).toFixed(2)} s after npm start (aim: under 2 s)`);

  const installed = measureFolder(join(root, 'node_modules'));
  expect(installed < mostInstalledBytes, `node_modules stays under 1 GB: ${(installed / 1e6).toFixed(0)} MB`);
  note('smoke test passed');
} catch (error) {
  note(`smoke test FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}

function cleanUp() {
  try {
    if (running !== undefined) process.kill(process.platform === 'win32' ? running.pid : -running.pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
  rmSync(dataDir, { recursive: true, force: true });
}

/** Runs `npm start` until it says that it is ready. */
async function start(name) {
  note(name);
  const started = performance.now();
  const { SCARMONIT_ADMIN_KEY: _key, SCARMONIT_CONFIG: _config, HOST: _host, ...environment } = process.env;
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...environment, PORT: '0', SCARMONIT_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    detached: process.platform !== 'win32', // a process group of its own, so that all of it can be ended
  });
  running = child;
  let output = '';
  const exited = new Promise((settle) => {
    child.on('error', (error) => settle(error.message));
    child.on('exit', (code, signal) => settle(code ?? signal));
  });
  const ready = new Promise((settle) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        process.stdout.write(text.replaceAll(/sk-[\w-]{20,}/g, 'sk-…'));
        output += text;
        const url = /^Scarmonit is ready at (http:\/\/\S+)$/m.exec(output)?.[1];
        if (url !== undefined) settle(url);
      });
    }
  });
  const url = await Promise.race([
    ready,
    exited.then((how) => fail(`npm start ended before it was ready (${how})`)),
    after(firstStartTimeoutMs).then(() => fail('npm start was not ready in time')),
  ]);
  return { child, exited, url, readyMs: performance.now() - started, output: () => output };
}

async function stop({ child, exited }) {
  child.kill('SIGTERM');
  const how = await Promise.race([exited, after(stopTimeoutMs).then(() => 'did not end')]);
  running = undefined;
  expect(how === 0, `SIGTERM ends it with exit code 0: ${how}`);
}

async function askEverything(url, key) {
  const health = await fetch(`${url}/healthz`);
  expect(health.status === 200, `GET /healthz answers 200: ${health.status}`);
  const anonymous = await fetch(`${url}/v1/models`);
  expect(anonymous.status === 401, `GET /v1/models without a key answers 401: ${anonymous.status}`);

  const models = await ask(`${url}/v1/models`, key);
  const ids = models.data.map(({ id }) => id).sort();
  expect(ids.join() === 'sentiment-en,tinyllama-chat,use-lite-en', `the starter models are listed: ${ids.join(', ')}`);

  const chat = await ask(`${url}/v1/chat/completions`, key, {
    model: 'tinyllama-chat',
    messages: [{ role: 'user', content: 'What is the capital of France?' }],
    temperature: 0,
    max_tokens: 32,
  });
  const answer = chat.choices[0].message.content;
  expect(answer.includes('Paris'), `the chat model knows the capital of France: ${JSON.stringify(answer)}`);

  const embedding = await ask(`${url}/v1/embeddings`, key, { model: 'use-lite-en', input: 'a cat sat on the mat' });
  const vector = embedding.data[0].embedding;
  const isVector = vector.length === 512 && vector.every(Number.isFinite);
  expect(isVector, `an embedding has 512 numbers: ${vector.length}`);

  const opinion = await ask(`${url}/api/infer?task=classification`, key, { text: 'What a lovely film!' });
  expect(JSON.stringify(opinion).includes('positive'), `a classification answers: ${JSON.stringify(opinion)}`);
}

/** Runs an example as its first lines say. */
function runExample(file, url, key) {
  const { status, stdout, stderr } = spawnSync(projectNode, [join(root, file)], {
    encoding: 'utf8',
    env: { ...process.env, SCARMONIT_URL: url, SCARMONIT_API_KEY: key },
    timeout: 300_000,
  });
  expect(status === 0 && stdout.includes('Paris'), `${file} runs`, `${stdout}${stderr}`);
}

/** GET, or POST when there is a body; the JSON of a 200 answer. */
async function ask(url, key, body) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(120_000),
  });
  const text = await response.text();
  if (response.status !== 200) fail(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Bytes on disk, each file once however many names it has. */
function measureFolder(folder, seen = new Set()) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // What starts leave there for later ones was not installed.
    if (entry.name === '.cache') continue;
    if (entry.isDirectory()) bytes += measureFolder(path, seen);
    if (!entry.isFile()) continue;
    const { ino, size, blocks } = lstatSync(path);
    if (seen.has(ino)) continue;
    seen.add(ino);
    bytes += blocks ? blocks * 512 : size;
  }
  return bytes;
}

function expect(holds, what, detail = '') {
  if (!holds) fail(`expected that ${what}${detail && `\n${detail}`}`);
  note(`ok: ${what}`);
}

function fail(message) {
  throw new Error(message);
}

function after(delayMs) {
  return new Promise((settle) => setTimeout(settle, delayMs).unref());
}

function note(text) {
  process.stdout.write(`smoke: ${text}\n`);
}
