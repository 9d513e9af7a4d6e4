import { createInterface } from 'node:readline';
import { ScarmonitApiError, ScarmonitUnreachableError } from '@scarmonit/client/scarmonit-api-error';
import type { CliContext } from '../cli-context.ts';
import type { ChatSession } from './chat-session.ts';

const help = `/reset          forget the conversation
/system TEXT    set the system prompt and forget the conversation
/quit           leave (Ctrl-D too)
Ctrl-C          stop the answer that is running`;

/**
 * Talks until the input ends. On a terminal a failed answer is told and the talk goes on; with piped input, where
 * nobody reads along, it ends the command.
 * @param answer asks the session and shows the answer
 */
export async function runInteractiveChat(
  { terminal, signal }: CliContext,
  session: ChatSession,
  answer: (message: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { stdin, stdout, noteColours } = terminal;
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
  const lines = createInterface({
    input: stdin,
    terminal: isTerminal,
    prompt: '> ',
    ...(isTerminal ? { output: stdout } : {}),
  });
  let running: AbortController | undefined;
  let isOpen = true;
  lines.on('close', () => {
    isOpen = false;
  });
  lines.on('SIGINT', () => (running === undefined ? lines.close() : running.abort()));
  const end = (): void => lines.close();
  signal.addEventListener('abort', end, { once: true });
  const prompt = (): void => {
    if (isTerminal && isOpen) lines.prompt();
  };

  if (isTerminal) terminal.note(noteColours.dim('Ask something. /help shows what else there is.'));
  prompt();
  for await (const line of lines) {
    const text = line.trim();
    if (text === '/quit' || text === '/exit') break;
    if (text.startsWith('/')) runCommand(text);
    else if (text !== '') await ask(text);
    signal.throwIfAborted();
    prompt();
  }
  signal.removeEventListener('abort', end);
  lines.close();

  function runCommand(text: string): void {
    const [name = '', ...words] = text.split(' ');
    if (name === '/reset') session.reset();
    else if (name === '/system') session.setSystem(words.join(' ').trim());
    else {
      terminal.note(name === '/help' ? help : `${name} is not a command.\n${help}`);
      return;
    }
    terminal.note(noteColours.dim('The conversation starts anew.'));
  }

  async function ask(text: string): Promise<void> {
    running = new AbortController();
    try {
      await answer(text, AbortSignal.any([signal, running.signal]));
    } catch (error) {
      if (running.signal.aborted) terminal.note(noteColours.dim('\nStopped; the conversation is as it was before.'));
      else if (isTerminal && mayGoOn(error)) terminal.note(`\n${error.message}${hintFor(error)}`);
      else throw error;
    } finally {
      running = undefined;
    }
  }
}

/** Whether another message may fare better: not when the key or the model is refused. */
function mayGoOn(error: unknown): error is ScarmonitApiError | ScarmonitUnreachableError {
  if (error instanceof ScarmonitApiError) return ![401, 403, 404].includes(error.status);
  return error instanceof ScarmonitUnreachableError;
}

function hintFor(error: Error): string {
  const isTooLong = error instanceof ScarmonitApiError && error.code === 'context_length_exceeded';
  return isTooLong ? ' (/reset forgets the conversation)' : '';
}
