import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudflareAccount, startCloudflareAccount } from '../../test/cloudflare-account.ts';
import { folder as workerFolder, wranglerConfigPath } from '../config.ts';
import { type CloudflareDeployment, deployToCloudflare } from './deploy-to-cloudflare.ts';

let account: CloudflareAccount;
let folder: string;
let configPath: string;
let output: string;

beforeEach(async () => {
  account = await startCloudflareAccount();
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-deploy-'));
  configPath = join(folder, 'wrangler.jsonc');
  // The same configuration in another place, so that the repository's own stays as it is.
  const text = readFileSync(wranglerConfigPath, 'utf8');
  writeFileSync(configPath, text.replace('worker/worker.ts', join(workerFolder, 'worker/worker.ts')));
  output = '';
});
afterEach(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

const deploy = (changed: Partial<CloudflareDeployment> = {}) =>
  deployToCloudflare({
    env: { ...process.env, CLOUDFLARE_API_TOKEN: account.token, CLOUDFLARE_API_BASE_URL: account.apiBaseUrl },
    environment: 'production',
    configPath,
    isDryRun: false,
    confirm: async () => true,
    signal: new AbortController().signal,
    output: new Writable({
      write(chunk: Buffer, _encoding, done) {
        output += chunk.toString();
        done();
      },
    }),
    ...changed,
  });

describe('deploying to Cloudflare', () => {
  it('explores', async () => {
    try { await deploy(); } finally { console.log(output, account.calls.join('\n')); }
  });
});
