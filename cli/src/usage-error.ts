/** The command was called wrongly; `message` says how it is called. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
