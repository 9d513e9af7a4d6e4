/** `testBindingBinary` of node-llama-cpp, as far as it is passed on. */
type TestBinding = (
  binding: string,
  extBackends: string | undefined,
  gpu: unknown,
  ...rest: unknown[]
) => Promise<boolean>;

/**
 * Whether a binary of llama.cpp works on this machine.
 *
 * node-llama-cpp loads each in a process of its own first, for half a second at every start, so that a bad one cannot
 * take down the program. An engine is a process of its own already: a binary for the processor is simply loaded, and
 * one that fails or crashes is told like any other failure of the engine. Those for GPUs are still tested, because
 * after a failed test the next kind is tried.
 */
export const testBindingBinary: TestBinding = async (binding, extBackends, gpu, ...rest) => {
  if (gpu === false) return true;
  const original = new URL(import.meta.url).searchParams.get('original') ?? '';
  const { testBindingBinary: test } = (await import(original)) as { testBindingBinary: TestBinding };
  return test(binding, extBackends, gpu, ...rest);
};
