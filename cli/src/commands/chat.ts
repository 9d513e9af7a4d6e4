import { Command } from 'commander';
import { createChatSession } from '../chat/chat-session.ts';
import { runInteractiveChat } from '../chat/run-interactive-chat.ts';
import { describeSpeed } from '../chat/stream-answer.ts';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { parseAmount, parseCount } from '../parse-arguments.ts';

interface ChatOptions extends JsonOption {
  readonly message?: string;
  readonly system?: string;
  readonly modelVersion?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export function createChatCommand(context: CliContext): Command {
  return new Command('chat')
    .description('talk to a chat model; answers are streamed, with their speed')
    .argument('[model]', "name of the model (default: the server's one chat model)")
    .option('-m, --message <text>', 'ask this one thing and leave')
    .option('-s, --system <text>', 'system prompt')
    .option('--model-version <version>', 'a version, stable or candidate')
    .option('--max-tokens <number>', 'most tokens of an answer', parseCount)
    .option('--temperature <number>', '0 always takes the likeliest word', parseAmount)
    .addHelpText(
      'after',
      `
In a talk: /reset, /system TEXT, /quit; Ctrl-C stops the answer that is running.
Piped input is read line by line, one message each. With --json each answer is one line.

Examples:
  $ scarmonit chat
  $ scarmonit chat tinyllama-chat --message 'What is the capital of France?' --max-tokens 64`,
    )
    .action(async (model: string | undefined, options: ChatOptions) => {
      const { message, system, modelVersion, maxTokens, temperature } = options;
      const session = createChatSession(context.client(), { model, modelVersion, maxTokens, temperature }, system);
      const answer = async (text: string, signal: AbortSignal): Promise<void> => {
        const { stdout } = context.terminal;
        const show = options.json === true ? () => undefined : (piece: string) => void stdout.write(piece);
        const measured = await session.ask(text, show, signal);
        showResult(context, options, measured, () => ['']);
        context.terminal.note(context.terminal.noteColours.dim(describeSpeed(measured)));
      };
      if (message === undefined) await runInteractiveChat(context, session, answer);
      else await answer(message, context.signal);
    });
}
