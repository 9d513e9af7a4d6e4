// Type aliases, not interfaces: only those fit into an index signature.

type Signature = (argument: never) => unknown;

/** What one side of a channel can be asked, by name. What crosses is plain data and typed arrays. */
export interface Contract {
  /** One answer each. */
  readonly calls: Readonly<Record<string, Signature>>;
  /** Many answers each. */
  readonly streams: Readonly<Record<string, Signature>>;
  /** None. */
  readonly tells: Readonly<Record<string, Signature>>;
}

export type ArgumentOf<Function extends Signature> = Parameters<Function>[0];

/** What an answering side knows of one question beside its argument. */
export interface Asked {
  /** Aborted when the asking side has left. Made when it is looked at: most answers are there before anybody can leave. */
  readonly signal: AbortSignal;
}

/** The answering side of a contract. A failure that is thrown is thrown on the asking side, a `ScarmonitError` as such. */
export interface Handlers<Ours extends Contract> {
  readonly calls: {
    readonly [Name in keyof Ours['calls']]: (
      argument: ArgumentOf<Ours['calls'][Name]>,
      asked: Asked,
    ) => ReturnType<Ours['calls'][Name]> | Promise<ReturnType<Ours['calls'][Name]>>;
  };
  readonly streams: {
    readonly [Name in keyof Ours['streams']]: (
      argument: ArgumentOf<Ours['streams'][Name]>,
      asked: Asked,
    ) => AsyncIterable<ReturnType<Ours['streams'][Name]>>;
  };
  readonly tells: {
    readonly [Name in keyof Ours['tells']]: (argument: ArgumentOf<Ours['tells'][Name]>) => void;
  };
}

/** The asking side of a contract. Everything fails with {@link ChannelClosedError} once the other process is gone. */
export interface Asking<Theirs extends Contract> {
  /** @param signal leaves: the answer is not waited for, and the other side is told. Rejects with the signal's reason */
  call<Name extends keyof Theirs['calls'] & string>(
    name: Name,
    argument: ArgumentOf<Theirs['calls'][Name]>,
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<Theirs['calls'][Name]>>>;
  /** Begins at the first read. Ending the iteration early, or the signal, tells the other side at once. */
  stream<Name extends keyof Theirs['streams'] & string>(
    name: Name,
    argument: ArgumentOf<Theirs['streams'][Name]>,
    signal?: AbortSignal,
  ): AsyncIterableIterator<ReturnType<Theirs['streams'][Name]>>;
  tell<Name extends keyof Theirs['tells'] & string>(name: Name, argument: ArgumentOf<Theirs['tells'][Name]>): void;
}
