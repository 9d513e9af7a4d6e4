/** A failure in the words of whoever refused. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
