import type { LoadedVersion, RequestContext } from '../ports/model-runtime.ts';
import type { VersionSupervisor } from './supervise-version.ts';

const probeTimeoutMs = 30_000;

/**
 * Asks versions one small question of their task, to see whether they answer at all, before they get anybody's request.
 * A version that has answered is not asked again while it stays loaded.
 * @param signalAfter an abort signal that fires after so many milliseconds
 */
export function createProbe(
  signalAfter: (timeoutMs: number) => AbortSignal,
  onFailure: (version: VersionSupervisor, error: unknown) => void,
): (version: VersionSupervisor) => Promise<boolean> {
  const answered = new WeakSet<LoadedVersion>();
  return async (version) => {
    try {
      const loaded = version.use();
      if (answered.has(loaded)) return true;
      await ask(loaded, { signal: signalAfter(probeTimeoutMs) });
      answered.add(loaded);
      return true;
    } catch (error) {
      onFailure(version, error);
      return false;
    }
  };
}

async function ask(loaded: LoadedVersion, context: RequestContext): Promise<void> {
  const input = { kind: 'texts', texts: ['Hello'] } as const;
  await loaded.embed?.({ input }, context);
  await loaded.classify?.({ input }, context);
  if (loaded.generate === undefined) return;
  const question = {
    input: { kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] },
    maxTokens: 1,
    stop: [],
    format: { type: 'text' },
    tools: [],
    toolChoice: 'none',
  } as const;
  for await (const event of loaded.generate(question, context)) {
    if (event.type === 'finish') return;
  }
}
