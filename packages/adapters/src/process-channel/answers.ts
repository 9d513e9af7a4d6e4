import { ScarmonitError, toErrorData } from '@scarmonit/core/errors/scarmonit-error';
import type { Asked, Contract, Handlers } from './contract.ts';
import { type ChannelMessage, itemWindow } from './messages.ts';

type Handle = (argument: unknown, asked: Asked) => unknown;

/** A handler of that name, and never something that every object inherits. */
function findHandler(handlers: object, name: string): Handle {
  const handle = Object.hasOwn(handlers, name) ? (handlers as Readonly<Record<string, unknown>>)[name] : undefined;
  if (typeof handle === 'function') return handle as Handle;
  throw new ScarmonitError('internal', `The other process asks for '${name}', which this one does not know.`);
}

/** One question that is being answered. */
class Answer implements Asked {
  #leaving: AbortController | undefined;
  #hasLeft = false;
  /** Items that may still be sent before the reader has taken some. */
  #credit = itemWindow;
  #resume: (() => void) | undefined;

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get signal(): AbortSignal {
    if (this.#leaving === undefined) {
      this.#leaving = new AbortController();
      if (this.#hasLeft) this.#leaving.abort();
    }
    return this.#leaving.signal;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#leaving?.abort();
    this.addCredit(0);
  }

  addCredit(count: number): void {
    this.#credit += count;
    this.#resume?.();
    this.#resume = undefined;
  }

  /** Resolves when one more item may be sent, or the reader has left. */
  async takeCredit(): Promise<void> {
    this.#credit -= 1;
    while (this.#credit < 0 && !this.#hasLeft) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }
}

/** What the other process has asked this one, each from arriving to its answer. */
export class Answers<Ours extends Contract> {
  readonly #send: (message: ChannelMessage) => void;
  readonly #handlers: Handlers<Ours>;
  readonly #open = new Map<number, Answer>();

  constructor(handlers: Handlers<Ours>, send: (message: ChannelMessage) => void) {
    this.#handlers = handlers;
    this.#send = send;
  }

  receive(message: Extract<ChannelMessage, { type: 'tell' | 'call' | 'open' | 'cancel' | 'taken' }>): void {
    switch (message.type) {
      case 'tell':
        findHandler(this.#handlers.tells, message.name)(message.argument, new Answer());
        break;
      case 'call':
        void this.#call(message);
        break;
      case 'open':
        void this.#stream(message);
        break;
      case 'cancel':
        this.#open.get(message.id)?.leave();
        break;
      case 'taken':
        this.#open.get(message.id)?.addCredit(message.count);
    }
  }

  /** The other side is gone: nobody waits for what is under way. */
  close(): void {
    for (const answer of this.#open.values()) answer.leave();
    this.#open.clear();
  }

  async #call({ id, name, argument }: { id: number; name: string; argument: unknown }): Promise<void> {
    const answer = new Answer();
    this.#open.set(id, answer);
    try {
      let value = findHandler(this.#handlers.calls, name)(argument, answer);
      // What is known at once is sent in this turn.
      if (value instanceof Promise) value = await value;
      this.#close(id, answer, { type: 'result', id, value });
    } catch (error) {
      this.#close(id, answer, { type: 'failed', id, error: toErrorData(error) });
    }
  }

  async #stream({ id, name, argument }: { id: number; name: string; argument: unknown }): Promise<void> {
    const answer = new Answer();
    this.#open.set(id, answer);
    try {
      const items = findHandler(this.#handlers.streams, name)(argument, answer) as AsyncIterable<unknown>;
      for await (const value of items) {
        if (answer.hasLeft) break;
        await answer.takeCredit();
        if (answer.hasLeft) break;
        this.#send({ type: 'item', id, value });
      }
      this.#close(id, answer, { type: 'end', id });
    } catch (error) {
      this.#close(id, answer, { type: 'failed', id, error: toErrorData(error) });
    }
  }

  #close(id: number, answer: Answer, message: ChannelMessage): void {
    this.#open.delete(id);
    if (!answer.hasLeft) this.#send(message);
  }
}
