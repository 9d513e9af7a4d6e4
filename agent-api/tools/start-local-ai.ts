import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { builtInAnswers } from '../workers-ai-emulator/answers/built-in-answers.ts';
import { createScarmonitAnswers, type ScarmonitServer } from '../workers-ai-emulator/answers/scarmonit-answers.ts';
import { startEmulator } from '../workers-ai-emulator/start-emulator.ts';
import { folder, type ToolsConfig } from './config.ts';

/** Workers AI on this machine: the emulator, and the worker that binds it. */
export interface LocalAi {
  /** The configuration of the worker whose entrypoint stands in for the `AI` binding. */
  readonly configPath: string;
  readonly url: string;
  close(): Promise<void>;
}

export interface LocalAiOptions {
  readonly config: ToolsConfig;
  readonly state: string;
  /** `starter`: the starter models, served by a Node host of its own. `built-in`: canned answers, at once. */
  readonly answers: 'starter' | 'built-in';
  /** The longest answer of the starter models. */
  readonly mostTokens: number;
}

/** Starts the emulator, and behind it the models that answer. */
export async function startLocalAi({ config, state, answers, mostTokens }: LocalAiOptions): Promise<LocalAi> {
  const starter = answers === 'starter' ? await startStarterHost(config) : undefined;
  const onCut = (): void =>
    void process.stdout.write(`An answer ended after ${mostTokens} tokens; --max-tokens lets them be longer.\n`);
  const emulator = await startEmulator({
    port: 0,
    answers: starter === undefined ? builtInAnswers : createScarmonitAnswers({ ...starter, mostTokens, onCut }),
  });
  return {
    configPath: writeBindingConfig(state, emulator.url),
    url: emulator.url,
    close: async () => {
      await emulator.close();
      starter?.child.kill('SIGTERM');
    },
  };
}

function writeBindingConfig(state: string, emulatorUrl: string): string {
  const path = join(state, 'workers-ai-emulator.json');
  const name = 'workers-ai-emulator';
  mkdirSync(state, { recursive: true });
  const settings = {
    name,
    main: join(folder, 'workers-ai-emulator', 'binding-worker.ts'),
    compatibility_date: '2026-10-01',
    compatibility_flags: ['nodejs_compat', 'enable_abortsignal_rpc'],
    env: { dev: { name, vars: { EMULATOR_URL: emulatorUrl } } },
  };
  writeFileSync(path, JSON.stringify(settings, null, 2));
  return path;
}

/** The Node host with the starter manifest, beside one that may run already: it shares that one's artifacts, no more. */
async function startStarterHost(config: ToolsConfig): Promise<ScarmonitServer & { readonly child: ChildProcess }> {
  const dataDir = join(config.dataDir, 'edge');
  mkdirSync(join(config.dataDir, 'artifacts'), { recursive: true });
  mkdirSync(dataDir, { recursive: true });
  const artifacts = join(dataDir, 'artifacts');
  if (!existsSync(artifacts)) symlinkSync(join(config.dataDir, 'artifacts'), artifacts, 'junction');
  const key = `sk-scarmonit-${randomBytes(24).toString('hex')}`;
  const child = spawn(process.execPath, [join(folder, 'node', 'main.ts')], {
    cwd: resolve(folder, '..'),
    env: {
      ...config.wranglerEnvironment,
      HOST: '127.0.0.1',
      PORT: '0',
      SCARMONIT_DATA_DIR: dataDir,
      SCARMONIT_CONFIG: resolve(folder, '..', 'scarmonit.yaml'),
      SCARMONIT_ADMIN_KEY: key,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await readyUrl(child);
  return { url, key, child };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolveUrl, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text.replace(/^(?=.)/gm, 'starter models  '));
      output += text;
      const url = /is ready at (http:\S+)\n/.exec(output)?.[1];
      if (url !== undefined) resolveUrl(url);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The starter models could not be served (exit code ${code}).`)));
  });
}
