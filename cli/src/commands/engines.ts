import { Argument, Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatBytes } from '../format-units.ts';
import { createPullDisplay } from '../show-progress.ts';

export function createEnginesCommand(context: CliContext): Command {
  return new Command('engines')
    .description('builds of the engines for graphics cards, which the installation leaves out for their size')
    .addCommand(createEnginesAddCommand(context));
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
