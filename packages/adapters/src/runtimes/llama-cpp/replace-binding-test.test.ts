import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Loads the CPU's build of llama.cpp by one of our modules, and prints how many processes were started for it. */
const countProcesses = async (module: string): Promise<string> => {
  const { href } = new URL(module, import.meta.url);
  const program = `
    import { subscribe } from 'node:diagnostics_channel';
    // A process that is forked would run this text, too.
    process.execArgv.length = 0;
    let started = 0;
    subscribe('child_process', () => { started += 1; });
    await import(${JSON.stringify(href)});
    const { getLlama } = await import(${JSON.stringify(import.meta.resolve('node-llama-cpp'))});
    const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error' });
    console.log(\`\${started} processes, gpu \${llama.gpu}\`);
    process.exit(0);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout.trim();
};

it('loads a binary for the processor without a process that tries it first', async () => {
  expect(await countProcesses('./engine-module.ts')).toBe('0 processes, gpu false');
  expect(await countProcesses('./load-backend.ts')).toBe('1 processes, gpu false');
});

it('still has binaries for GPUs tried', async () => {
  const tried = `export const testBindingBinary = async (...given) => given.join() === '/a,/b,cuda,1';`;
  const original = `data:text/javascript,${encodeURIComponent(tried)}`;
  const { pathname } = new URL('./test-binding.ts', import.meta.url);
  const replaced = `${pathToFileURL(pathname).href}?original=${encodeURIComponent(original)}`;
  const program = `
    const { testBindingBinary } = await import(${JSON.stringify(replaced)});
    console.log(await testBindingBinary('/a', '/b', 'cuda', 1), await testBindingBinary('/a', '/b', 'metal', 1));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout).toBe('true false\n');
});
