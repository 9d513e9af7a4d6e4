import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { readStdin } from '../read-stdin.ts';

export function createVersionsRegisterCommand(context: CliContext): Command {
  return new Command('register')
    .description('register a version that the manifest does not declare; it is loaded when a rollout to it starts')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'its number, such as 1.1.0')
    .argument('<file>', "YAML or JSON: what the manifest has under a version's number, and card; - for standard input")
    .addHelpText('after', '\nExample:\n  $ scarmonit versions register support-chat 1.1.0 version.yaml')
    .action(async (model: string, version: string, file: string, options: JsonOption) => {
      const text = file === '-' ? await readStdin(context.terminal) : await readFile(file, 'utf8');
      const record = await context.client().admin.registerVersion(model, version, text, { signal: context.signal });
      showResult(context, options, record, () => [
        `Registered ${model}@${version} (${record.digest.slice(0, 12)}), ${record.status}.`,
        `  Roll it out: scarmonit rollout start ${model} ${version}`,
      ]);
    });
}
