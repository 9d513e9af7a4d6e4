import { expect, it } from 'vitest';
import { runCommand } from '../../test/run-command.ts';

const deploy = (...words: string[]) => runCommand(['deploy', ...words]);

it('knows one place to deploy to, and says how the other is run', async () => {
  const { exitCode, stderr } = await deploy('--target', 'node');
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--target must be cloudflare, not 'node'. On a machine of your own, run: scarmonit serve");
  expect((await deploy()).stderr).toContain("required option '--target <host>' not specified");
});

it('says which token it needs, and does nothing without it', async () => {
  const { exitCode, stdout, stderr } = await deploy('--target', 'cloudflare', '--yes', '--json');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('CLOUDFLARE_API_TOKEN is not set. Make a token at');
  expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining('D1: Edit') } });
});

it('refuses an environment that the configuration does not have', async () => {
  const { exitCode, stderr } = await deploy('--target', 'cloudflare', '--env', 'dev');
  expect(exitCode).toBe(1);
  expect(stderr).toContain("no environment 'dev' to deploy; there are: staging, production.");
});
