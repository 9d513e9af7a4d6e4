import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';

export function createModelsListCommand(context: CliContext): Command {
  return new Command('list')
    .description('the models that the server serves, and the state of each version')
    .addHelpText(
      'after',
      '\nExamples:\n  $ scarmonit models list\n  $ scarmonit models list --json | jq -r .data[].name',
    )
    .action(async (options: JsonOption) => {
      const models = await context.client().admin.listModels({ signal: context.signal });
      showResult(context, options, models, () => {
        if (models.data.length === 0)
          return ['The server serves no models. Add one: scarmonit models add hf:OWNER/REPO/FILE'];
        const rows = models.data.flatMap(({ name, task, stable, versions }) =>
          versions.map(({ version, runtime, state }) => [
            name,
            task,
            version === stable ? `${version} (stable)` : version,
            runtime,
            state,
          ]),
        );
        return formatTable([['MODEL', 'TASK', 'VERSION', 'RUNTIME', 'STATE'], ...rows], context.terminal.colours.bold);
      });
    });
}
