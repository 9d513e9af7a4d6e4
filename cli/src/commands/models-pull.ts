import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { createPullDisplay } from '../show-progress.ts';

export function createModelsPullCommand(context: CliContext): Command {
  return new Command('pull')
    .description(
      'fetch the artifacts that the manifest names into the data directory; goes on where it was interrupted',
    )
    .argument('[name]', 'only this model, or one version of it: NAME@VERSION')
    .addHelpText('after', '\nExamples:\n  $ scarmonit models pull\n  $ scarmonit models pull tinyllama-chat')
    .action(async (name: string | undefined, options: JsonOption) => {
      const [{ pullModels }, { readConfig }] = await Promise.all([
        import('@scarmonit/agent-api/node/pull-models'),
        import('@scarmonit/agent-api/node/config'),
      ]);
      const display = createPullDisplay(context.terminal);
      try {
        const pulled = await pullModels(readConfig(context.config.env), {
          name,
          signal: context.signal,
          onProgress: ({ model, version }, progress) => display.update(`${model}@${version}`, progress),
        });
        display.stop();
        showResult(context, options, { data: pulled }, () =>
          pulled.map(
            ({ model, version, sha256, wasHere }) =>
              `${model}@${version}  ${wasHere ? 'was here' : 'fetched'}  sha256 ${sha256.slice(0, 12)}…`,
          ),
        );
      } finally {
        display.stop();
      }
    });
}
