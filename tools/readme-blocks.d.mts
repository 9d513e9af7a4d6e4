/** The commands of all `sh` blocks that begin with `curl`, in their order. Blank lines end a command. */
export function listCurlCommands(markdown: string): string[];
/**
 * Runs one of them in a shell, with the address of a running server in place of the printed one and the key in
 * `SCARMONIT_API_KEY`.
 * @returns what it answered
 * @throws when the command fails, prints anything but JSON, or the JSON is an error
 */
export function runCurlCommand(
  command: string,
  server: { readonly url: string; readonly key: string },
): Promise<unknown>;
