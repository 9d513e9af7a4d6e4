/** What the commands need to know of the environment. */
export interface CliConfig {
  /** Address of the server. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Colours are allowed, where the output is a terminal. */
  readonly allowColour: boolean;
  /** Handed to the Node host, which reads its own settings from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The only place of the CLI that looks at the environment. */
export function readEnvironment(): CliConfig['env'] {
  return process.env;
}

/** Reads the settings. */
export function readCliConfig(env: CliConfig['env']): CliConfig {
  return {
    url: env.SCARMONIT_URL || 'http://127.0.0.1:8787',
    apiKey: env.SCARMONIT_API_KEY || undefined,
    // https://no-color.org: any value but the empty one.
    allowColour: !env.NO_COLOR && env.TERM !== 'dumb',
    env,
  };
}
