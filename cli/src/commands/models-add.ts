import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatBytes } from '../format-units.ts';

interface AddOptions extends JsonOption {
  readonly name?: string;
  readonly task: 'chat' | 'embedding' | 'classification';
  readonly version: string;
}

export function createModelsAddCommand(context: CliContext): Command {
  return new Command('add')
    .description('write a pinned version of a model into the manifest; size and digest come from the hub')
    .argument('<source>', 'hf:OWNER/REPO/FILE[@REVISION]')
    .option('--name <name>', 'name that clients ask for (default: made from the file name)')
    .addOption(
      new Option('--task <task>', 'what it does').choices(['chat', 'embedding', 'classification']).default('chat'),
    )
    .option('--version <version>', 'semantic version to give it', '1.0.0')
    .addHelpText(
      'after',
      `
Writes to scarmonit.yaml (or SCARMONIT_CONFIG) and keeps its comments. A version that is there is never overwritten.
The hub's address and token are taken from HF_ENDPOINT and HF_TOKEN.

Example:
  $ scarmonit models add hf:bartowski/Llama-3.2-3B-Instruct-GGUF/Llama-3.2-3B-Instruct-Q4_K_M.gguf --name llama-3b`,
    )
    .action(async (source: string, options: AddOptions) => {
      const [{ addModel }, { readConfig }] = await Promise.all([
        import('@scarmonit/agent-api/node/add-model'),
        import('@scarmonit/agent-api/node/config'),
      ]);
      const { name, task, version } = options;
      const added = await addModel(readConfig(context.config.env), {
        source,
        name,
        task,
        version,
        signal: context.signal,
      });
      showResult(context, options, added, () => {
        const { green } = context.terminal.colours;
        return [
          `Added ${added.model}@${added.version} (${formatBytes(added.bytes)}, sha256 ${added.sha256}) to ${added.manifestPath}:`,
          '',
          ...added.addedLines.map((line) => green(`+ ${line}`)),
          '',
          `Next: 'scarmonit apply' for a server that runs, or start it anew; either fetches the model.`,
        ];
      });
    });
}
