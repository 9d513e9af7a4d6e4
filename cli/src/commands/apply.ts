import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { readStdin } from '../read-stdin.ts';

export function createApplyCommand(context: CliContext): Command {
  return new Command('apply')
    .description(
      'make a running server serve what a manifest declares; shows what changed, and a bad one changes nothing',
    )
    .argument('[file]', 'the manifest, or - for standard input (default: SCARMONIT_CONFIG or scarmonit.yaml)')
    .addHelpText('after', '\nExamples:\n  $ scarmonit apply\n  $ scarmonit apply staging.yaml --json')
    .action(async (file: string | undefined, options: JsonOption) => {
      const text =
        file === '-' ? await readStdin(context.terminal) : await readManifest(file ?? (await configuredPath(context)));
      const changes = await context.client().admin.applyManifest(text, { signal: context.signal });
      showResult(context, options, changes, () => {
        const { green, red, yellow } = context.terminal.colours;
        const lines = [
          ...changes.added.map((name) => green(`+ ${name}`)),
          ...changes.removed.map((name) => red(`- ${name}`)),
          ...changes.switched.map((change) => yellow(`~ ${change}`)),
        ];
        const kept = `${changes.unchanged.length} unchanged`;
        return lines.length === 0 ? [`Nothing to change (${kept}).`] : [...lines, `= ${kept}`];
      });
    });
}

async function configuredPath(context: CliContext): Promise<string> {
  const { readConfig } = await import('@scarmonit/agent-api/node/config');
  return readConfig(context.config.env).configPath;
}

async function readManifest(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(`The manifest ${path} cannot be read (${reason}). Give its path: scarmonit apply FILE`, {
      cause: error,
    });
  }
}
