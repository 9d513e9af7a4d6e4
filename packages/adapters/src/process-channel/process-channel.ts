import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { Answers } from './answers.ts';
import type { Asking, Contract, Handlers } from './contract.ts';
import type { ChannelMessage } from './messages.ts';
import { Questions } from './questions.ts';

/** One end of an IPC channel: a child process, or the process that was forked. */
export interface IpcEnd {
  send(message: unknown, callback: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  readonly connected: boolean;
}

export interface ProcessChannel<Theirs extends Contract> extends Asking<Theirs> {
  /** Fails what is under way in both directions; nothing is sent or heard any more. */
  close(): void;
}

/** The other process is gone, or its channel is. */
export class ChannelClosedError extends ScarmonitError {
  constructor() {
    super('not_ready', 'The process that does this has ended and is being restarted. Try again.', {
      retryAfterMs: 1_000,
    });
  }
}

/**
 * Questions and answers between two processes, in both directions over one IPC channel. What one turn of the event loop
 * has to say crosses in one piece: under load a message costs a fraction of a write.
 * @param answerWith makes what answers the other side; it may ask the other side in turn
 */
export function openProcessChannel<Ours extends Contract, Theirs extends Contract>(
  end: IpcEnd,
  answerWith: (other: Asking<Theirs>) => Handlers<Ours>,
): ProcessChannel<Theirs> {
  let waiting: ChannelMessage[] = [];
  let isClosed = false;

  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    // The callback takes the error of a channel that closed meanwhile; its event tells the rest.
    if (end.connected) end.send(batch, () => undefined);
  };
  const send = (message: ChannelMessage): void => {
    if (isClosed) return;
    waiting.push(message);
    if (waiting.length === 1) setImmediate(flush);
  };

  const questions = new Questions(send);
  // What crosses is checked by both sides' types alone: they are one build.
  const asking = {
    call: (name, argument, signal) => questions.call(name, argument, signal),
    stream: (name, argument, signal) => questions.stream(name, argument, signal),
    tell: (name, argument) => send({ type: 'tell', name, argument }),
  } as Asking<Theirs>;
  const answers = new Answers(answerWith(asking), send);
  const close = (): void => {
    isClosed = true;
    questions.close(new ChannelClosedError());
    answers.close();
  };
  end.on('message', (batch) => {
    if (isClosed) return;
    for (const message of batch as readonly ChannelMessage[]) {
      switch (message.type) {
        case 'result':
        case 'item':
        case 'end':
        case 'failed':
          questions.receive(message);
          break;
        default:
          answers.receive(message);
      }
    }
  });
  end.on('disconnect', close);
  return { ...asking, close };
}
