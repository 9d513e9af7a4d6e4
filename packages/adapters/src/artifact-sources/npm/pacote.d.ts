/** The part of pacote that the source uses; the package itself carries no types. */
declare module 'pacote' {
  const pacote: {
    readonly tarball: {
      /**
       * Calls `read` with the bytes of the package's tarball; checks them against the registry's integrity and rejects
       * with `EINTEGRITY` when they differ. May call `read` a second time after such a failure.
       */
      stream<Result>(
        spec: string,
        read: (tarball: NodeJS.ReadableStream) => Promise<Result>,
        options: Readonly<Record<string, unknown>>,
      ): Promise<Result>;
    };
  };
  export = pacote;
}
