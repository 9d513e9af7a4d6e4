/** OpenAI counts time in whole seconds since the Unix epoch. */
export function toSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}
