import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudflareAccount, startCloudflareAccount } from '../../test/cloudflare-account.ts';
import { portalFolder, folder as workerFolder, wranglerConfigPath } from '../config.ts';
import { type CloudflareDeployment, deployToCloudflare } from './deploy-to-cloudflare.ts';
import { writeIds } from './write-ids.ts';

let account: CloudflareAccount;
let folder: string;
let configPath: string;
let output: string;

/** Wrangler is started six times in one test. */
const severalWranglersMs = 180_000;

beforeEach(async () => {
  account = await startCloudflareAccount();
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-deploy-'));
  configPath = join(folder, 'wrangler.jsonc');
  // The same configuration in another place, so that the repository's own stays as it is.
  const text = readFileSync(wranglerConfigPath, 'utf8');
  writeFileSync(
    configPath,
    text
      .replace('worker/worker.ts', join(workerFolder, 'worker/worker.ts'))
      .replace('../web-portal/dist', join(portalFolder, 'dist')),
  );
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
  it(
    'makes what is missing, writes its ids down, migrates, deploys and sets secrets; the second time nothing is new',
    async () => {
      const asked: string[] = [];
      const confirm: CloudflareDeployment['confirm'] = async (missing) => {
        asked.push(...missing.map(({ binding, name }) => `${binding} ${name}`));
        return true;
      };
      const first = await deploy({ confirm });
      const worker = 'scarmonit-agent-api-production';
      const names = ['scarmonit', ...namespaces, 'scarmonit-models'];
      expect(first).toEqual({
        environment: 'production',
        worker,
        made: names,
        secrets: ['ENCRYPTION_KEY', 'API_KEY'],
        adminKey: expect.stringMatching(/^sk-scarmonit-[0-9a-f]{48}$/),
      });
      expect(asked).toEqual([
        'DB scarmonit',
        'MODEL_CACHE scarmonit-model-cache',
        'METRICS scarmonit-metrics',
        'USER_DATA scarmonit-user-data',
        'MODEL_BUCKET scarmonit-models',
      ]);
      expect(account.workers.get(worker)?.get('API_KEY')).toBe(first.adminKey);
      expect(output).not.toContain(first.adminKey);
      expect(output).not.toContain(account.token);
      const [database = ''] = account.databases.values();
      expect(account.sql.get(database)?.join('\n')).toContain('create table "predictions"');

      const written = readFileSync(configPath, 'utf8');
      const before = readFileSync(wranglerConfigPath, 'utf8');
      for (const id of [...account.databases.values(), ...account.namespaces.values()]) expect(written).toContain(id);
      // Nothing but the four ids of one environment has changed.
      const changed = written.split('\n').filter((line, index) => line !== before.split('\n')[index]);
      expect(changed.filter((line) => !/"(main|directory)"/.test(line))).toHaveLength(4);

      account.calls.length = 0;
      const second = await deploy({ confirm: () => Promise.reject(new Error('There is nothing to ask.')) });
      expect(second).toEqual({ environment: 'production', worker, made: [], secrets: [] });
      expect(account.calls.filter((call) => /^POST .*(database|namespaces|buckets)$/.test(call))).toEqual([]);
      expect(readFileSync(configPath, 'utf8')).toBe(written);
      expect(account.workers.get(worker)?.get('API_KEY')).toBe(first.adminKey);
    },
    severalWranglersMs,
  );

  it('makes nothing without consent', async () => {
    await expect(deploy({ confirm: async () => false })).rejects.toThrow('Nothing was made and nothing deployed.');
    expect(account.calls.every((call) => call.startsWith('GET '))).toBe(true);
  });

  it('goes on after an interruption with what was made before', async () => {
    account.refuseNext(`POST accounts/${account.accountId}/r2/buckets`);
    await expect(deploy()).rejects.toThrow('Cloudflare refused POST accounts/');
    expect(account.namespaces.size).toBe(3);
    const asked: string[] = [];
    const confirm: CloudflareDeployment['confirm'] = async (missing) => {
      asked.push(...missing.map(({ name }) => name));
      return false;
    };
    await expect(deploy({ confirm })).rejects.toThrow('Nothing was made');
    expect(asked).toEqual(['scarmonit-models']);
  });

  it('says what is wrong with the token, the account and the configuration', async () => {
    const env = { ...process.env, CLOUDFLARE_API_BASE_URL: account.apiBaseUrl };
    await expect(deploy({ env: { ...env, CLOUDFLARE_API_TOKEN: '' } })).rejects.toThrow(
      'CLOUDFLARE_API_TOKEN is not set',
    );
    await expect(deploy({ env: { ...env, CLOUDFLARE_API_TOKEN: 'wrong' } })).rejects.toThrow(
      'Authentication error (10000). Look at the token in CLOUDFLARE_API_TOKEN',
    );
    await expect(deploy({ environment: 'nowhere' })).rejects.toThrow(
      "no environment 'nowhere' to deploy; there are: staging, production.",
    );
    const elsewhere = writeIds(readFileSync(configPath, 'utf8'), 'production', [
      { binding: 'DB', field: 'database_id', id: 'of-another-account' },
    ]);
    writeFileSync(configPath, elsewhere);
    await expect(deploy()).rejects.toThrow('names of-another-account for DB, which the account');
  });
});

const namespaces = ['scarmonit-model-cache', 'scarmonit-metrics', 'scarmonit-user-data'];
