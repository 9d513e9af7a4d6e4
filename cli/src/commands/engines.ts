import { Argument, Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatBytes } from '../format-units.ts';
import { createPullDisplay } from '../show-progress.ts';

export function createEnginesCommand(context: CliContext): Command {
  return new Command('engines')
    .description('builds of the engines that the installation leaves out: for graphics cards, and for this processor')
    .addCommand(createEnginesAddCommand(context))
    .addCommand(createEnginesBuildCommand(context));
}

function createEnginesAddCommand(context: CliContext): Command {
  return new Command('add')
    .description('fetch the build of llama.cpp for a kind of graphics card')
    .addArgument(new Argument('<build>', 'what the card speaks').choices(['cuda', 'vulkan']))
    .addHelpText(
      'after',
      `
Downloads 320 MB (cuda) or 24 MB (vulkan) from the npm registry, two to three times that on disk. 'npm install' takes it out again.

Example:
  $ scarmonit engines add vulkan`,
    )
    .action(async (gpu: 'cuda' | 'vulkan', options: JsonOption) => {
      const [{ addEngine }, { readConfig }] = await Promise.all([
        import('@scarmonit/agent-api/node/add-engine'),
        import('@scarmonit/agent-api/node/config'),
      ]);
      const display = createPullDisplay(context.terminal);
      try {
        const added = await addEngine(readConfig(context.config.env), {
          gpu,
          signal: context.signal,
          onProgress: (name, receivedBytes) =>
            display.update('llama.cpp', { phase: 'fetch', source: name, receivedBytes, totalBytes: undefined }),
        });
        display.stop();
        showResult(context, options, { data: added }, () => [
          ...added.map(({ name, version, bytes }) => `Added ${name}@${version}, ${formatBytes(bytes)} on disk.`),
          'Next: start the server anew; it takes the graphics card by itself.',
        ]);
      } finally {
        display.stop();
      }
    });
}

function createEnginesBuildCommand(context: CliContext): Command {
  return new Command('build')
    .description('compile llama.cpp for the processor of this machine, which makes chat faster')
    .option('--again', 'compile it even if it is there')
    .addHelpText(
      'after',
      `
Takes some minutes and downloads nothing. Needs CMake and a C++ compiler; on Debian and Ubuntu: apt-get install cmake g++ make git

Example:
  $ scarmonit engines build`,
    )
    .action(async (options: JsonOption & { readonly again?: true }) => {
      const [{ buildEngine }, { readConfig }] = await Promise.all([
        import('@scarmonit/agent-api/node/add-engine'),
        import('@scarmonit/agent-api/node/config'),
      ]);
      const display = createPullDisplay(context.terminal);
      try {
        const built = await buildEngine(readConfig(context.config.env), {
          again: options.again === true,
          signal: context.signal,
          onProgress: ({ done, total }) => {
            const phase = `compiling, ${10 * Math.floor((10 * done) / total)} %`;
            display.update('llama.cpp', { phase, source: '', receivedBytes: done, totalBytes: total });
          },
        });
        display.stop();
        showResult(context, options, { built }, () => [
          built ? 'llama.cpp is compiled for this machine.' : 'It is compiled already; --again compiles it anew.',
          'Next: start the server anew; it takes this build by itself.',
        ]);
      } finally {
        display.stop();
      }
    });
}
