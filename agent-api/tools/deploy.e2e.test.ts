import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const deployTool = fileURLToPath(new URL('./deploy.ts', import.meta.url));
const withoutAccount = { ...process.env, CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_ACCOUNT_ID: '' };

it('deploys dry without an account, within the size that a worker may have', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [deployTool, '--dry-run'], { env: withoutAccount });
  expect(stdout).toContain('0001_create-first-tables.sql');
  for (const binding of ['AI', 'MODEL_CACHE', 'MODEL_BUCKET', 'DB', 'METRICS', 'USER_DATA', 'RATE_LIMITER']) {
    expect(stdout).toContain(`env.${binding}`);
  }
  const kibibytes = Number(/The worker is (\d+) KiB gzipped/.exec(stdout)?.[1]);
  expect(kibibytes).toBeGreaterThan(50);
  expect(kibibytes).toBeLessThanOrEqual(1_024);
  expect(stdout).toContain('Nothing was deployed (--dry-run).');
});

it('does not deploy to resources that do not exist, and says how to make them', async () => {
  const deploying = promisify(execFile)(process.execPath, [deployTool, '--env', 'staging'], { env: withoutAccount });
  await expect(deploying).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('are not filled in for staging'),
  });
});
