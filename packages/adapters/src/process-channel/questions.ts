import { fromErrorData, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { ItemQueue } from './item-queue.ts';
import { type ChannelMessage, takenEvery } from './messages.ts';

interface Question {
  /** An item of a stream, or the result of a call. */
  value(value: unknown): void;
  end(): void;
  fail(error: unknown): void;
}

/** What this process has asked the other, each from asking to its answer. */
export class Questions {
  readonly #send: (message: ChannelMessage) => void;
  readonly #open = new Map<number, Question>();
  #lastId = 0;
  #closedBecause: Error | undefined;

  constructor(send: (message: ChannelMessage) => void) {
    this.#send = send;
  }

  call(name: string, argument: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#ask('call', name, argument, signal, { value: resolve, end: () => undefined, fail: reject });
    });
  }

  stream(name: string, argument: unknown, signal: AbortSignal | undefined): AsyncIterableIterator<unknown> {
    let id: number | undefined;
    let taken = 0;
    const queue = new ItemQueue({
      onStart: () => {
        id = this.#ask('open', name, argument, signal, {
          value: (item) => queue.push(item),
          end: () => queue.end(),
          fail: (error) => queue.end({ error }),
        });
      },
      onTake: () => {
        taken += 1;
        if (id === undefined || taken < takenEvery) return;
        this.#send({ type: 'taken', id, count: taken });
        taken = 0;
      },
      onReturn: () => {
        if (id !== undefined) this.#leave(id);
      },
    });
    return queue;
  }

  receive(message: Extract<ChannelMessage, { type: 'result' | 'item' | 'end' | 'failed' }>): void {
    const question = this.#open.get(message.id);
    if (message.type !== 'item') this.#open.delete(message.id);
    // It was left meanwhile.
    if (question === undefined) return;
    if (message.type === 'failed') question.fail(fromErrorData(message.error));
    else if (message.type === 'end') question.end();
    else question.value(message.value);
  }

  /** The other side is gone: every question fails, and so do those that come. */
  close(error: Error): void {
    this.#closedBecause ??= error;
    for (const [id, question] of [...this.#open]) {
      this.#open.delete(id);
      question.fail(error);
    }
  }

  #ask(
    type: 'call' | 'open',
    name: string,
    argument: unknown,
    signal: AbortSignal | undefined,
    question: Question,
  ): number | undefined {
    const refused = signal?.aborted === true ? reasonOf(signal) : this.#closedBecause;
    if (refused !== undefined) {
      question.fail(refused);
      return undefined;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    this.#open.set(id, signal === undefined ? question : this.#listen(id, signal, question));
    this.#send({ type, id, name, argument });
    return id;
  }

  /** The question, ended early when the signal is aborted. */
  #listen(id: number, signal: AbortSignal, question: Question): Question {
    const onAbort = (): void => {
      this.#leave(id);
      question.fail(reasonOf(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const stopListening = (): void => signal.removeEventListener('abort', onAbort);
    return {
      value: (value) => question.value(value),
      end: () => {
        stopListening();
        question.end();
      },
      fail: (error) => {
        stopListening();
        question.fail(error);
      },
    };
  }

  #leave(id: number): void {
    if (this.#open.delete(id)) this.#send({ type: 'cancel', id });
  }
}

/** A deadline or a draining server says why in the signal's reason; otherwise the client has left. */
function reasonOf(signal: AbortSignal): Error {
  if (signal.reason instanceof ScarmonitError) return signal.reason;
  return new ScarmonitError('cancelled', 'The request was cancelled.', { cause: signal.reason });
}
