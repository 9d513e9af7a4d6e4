import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { CliContext } from './cli-context.ts';
import { createAlertsCommand } from './commands/alerts.ts';
import { createAnomaliesCommand } from './commands/anomalies.ts';
import { createApplyCommand } from './commands/apply.ts';
import { createChatCommand } from './commands/chat.ts';
import { createDeployCommand } from './commands/deploy.ts';
import { createDoctorCommand } from './commands/doctor.ts';
import { createDriftCommand } from './commands/drift.ts';
import { createEnginesCommand } from './commands/engines.ts';
import { createFeedbackCommand } from './commands/feedback.ts';
import { createHistoryCommand } from './commands/history.ts';
import { createInferCommand } from './commands/infer.ts';
import { createKeysCommand } from './commands/keys.ts';
import { createModelsCommand } from './commands/models.ts';
import { createPredictionsCommand } from './commands/predictions.ts';
import { createReceiptsCommand } from './commands/receipts.ts';
import { createRolloutCommand } from './commands/rollout.ts';
import { createServeCommand } from './commands/serve.ts';
import { createTailCommand } from './commands/tail.ts';
import { createVersionsCommand } from './commands/versions.ts';

/** The command line as a whole. Its help goes to standard output, what is wrong with a call to standard error. */
export function createProgram(context: CliContext): Command {
  const { terminal } = context;
  const program = new Command('scarmonit')
    .description('Serves AI models on your own machine through an OpenAI-compatible API, and manages them.')
    .version(packageJson.version)
    // Without it, `models add --version 1.1.0` would be taken for `scarmonit --version`.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Settings (environment):
  SCARMONIT_URL        address of the server (http://127.0.0.1:8787)
  SCARMONIT_API_KEY    the key that commands use
  SCARMONIT_CONFIG     the manifest (scarmonit.yaml)
  SCARMONIT_DATA_DIR   models and store (.scarmonit)

Exit codes:
  0 done   1 failed   2 wrong call   3 server not reachable   4 refused by the server   130 interrupted

Examples:
  $ scarmonit serve
  $ scarmonit chat
  $ echo "What a lovely day" | scarmonit infer --task classification
  $ scarmonit doctor`,
    );
  for (const create of [
    createServeCommand,
    createModelsCommand,
    createKeysCommand,
    createChatCommand,
    createInferCommand,
    createFeedbackCommand,
    createApplyCommand,
    createVersionsCommand,
    createRolloutCommand,
    createHistoryCommand,
    createReceiptsCommand,
    createPredictionsCommand,
    createTailCommand,
    createAnomaliesCommand,
    createDriftCommand,
    createAlertsCommand,
    createDeployCommand,
    createDoctorCommand,
    createEnginesCommand,
  ]) {
    program.addCommand(create(context));
  }
  for (const command of withDescendants(program)) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void terminal.stdout.write(text),
        writeErr: (text) => void terminal.stderr.write(text),
        getOutHasColors: () => terminal.colours.isColorSupported,
        getErrHasColors: () => false,
      })
      .configureHelp({ styleTitle: (title) => terminal.colours.bold(title) })
      .showHelpAfterError('(add --help for how it is called)');
    if (command.commands.length === 0)
      command.option('--json', 'write the result as JSON, and nothing else, to standard output');
  }
  return program;
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}
