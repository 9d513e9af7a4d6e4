/** The part of npm's own configuration loader that we use; the packages carry no types. */
declare module '@npmcli/config' {
  class Config {
    constructor(options: Readonly<Record<string, unknown>>);
    load(): Promise<void>;
    /** All settings, in the shape that pacote and npm-registry-fetch take as options. */
    readonly flat: Readonly<Record<string, unknown>>;
  }
  export = Config;
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const npm: {
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
  };
  export = npm;
}
