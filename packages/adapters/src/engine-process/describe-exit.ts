/** How V8, Node, C++ and the C library say that there was no more memory, right before they end a process. */
const wordsOfMemory = /out of memory|allocation failed|failed to allocate|cannot allocate|std::bad_alloc/i;

/**
 * How a process ended, in public words that continue "the engine process …".
 * @param lastLines what it printed last; never part of the answer, since an engine's own words may hold prompts
 */
export function describeExit(code: number | null, signal: NodeJS.Signals | null, lastLines: readonly string[]): string {
  // The kernel kills without a word, and nothing but the system's log tells why.
  if (signal === 'SIGKILL') return 'was killed (SIGKILL; often: out of memory)';
  const how = signal ?? `exit code ${code}`;
  if (code !== 0 && lastLines.some((line) => wordsOfMemory.test(line))) return `ran out of memory (${how})`;
  return signal === null ? `ended unexpectedly with ${how}` : `crashed (${how})`;
}
