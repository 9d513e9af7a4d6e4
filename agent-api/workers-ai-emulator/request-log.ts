/** One request for a model, as the emulator saw it. */
export interface LoggedRequest {
  readonly id: number;
  readonly via: 'rest' | 'binding' | 'openai';
  readonly model: string;
  readonly inputs: unknown;
  readonly options: unknown;
  /** Lower-case names; the token is not kept. */
  readonly headers: Readonly<Record<string, string>>;
  /** `open` while it is answered; `aborted` when the caller has closed the connection before the end. */
  state: 'open' | 'answered' | 'aborted';
  /** `null` until something is answered. */
  status: number | null;
  /** Frames of a stream that were written. */
  frames: number;
}

const most = 1_000;

/** The latest requests, the oldest first. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #nextId = 1;

  add(request: Pick<LoggedRequest, 'via' | 'model' | 'inputs' | 'options' | 'headers'>): LoggedRequest {
    const entry: LoggedRequest = { id: this.#nextId, ...request, state: 'open', status: null, frames: 0 };
    this.#nextId += 1;
    this.#entries.push(entry);
    if (this.#entries.length > most) this.#entries.shift();
    return entry;
  }

  list(): readonly LoggedRequest[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }
}
