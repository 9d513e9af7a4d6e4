import { describe, expect, it } from 'vitest';
import { runCommand } from '../../test/run-command.ts';

describe('scarmonit engines build', () => {
  it('names the programs that are missing, and how to get them', async () => {
    const run = await runCommand(['engines', 'build', '--again'], { env: { PATH: '/nowhere' } });
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(/Compiling needs programs that are not here: cmake/);
  });

  it('has a help that says what it takes', async () => {
    const run = await runCommand(['engines', 'build', '--help']);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toMatch(/--json[\s\S]*apt-get install cmake[\s\S]*Example:\n {2}\$ scarmonit engines build/);
  });
});
