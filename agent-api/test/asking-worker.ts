import type { WorkersAiBinding } from '@scarmonit/adapters/runtimes/workers-ai/binding-carrier';
import { createWorkersAiBindingRuntime } from '@scarmonit/adapters/runtimes/workers-ai/create-workers-ai-runtime';
import type { Task } from '@scarmonit/core/registry/version-spec';
import { defaultWorkersAiModels } from '@scarmonit/core/registry/workers-ai-models';

/** A Worker that asks its `AI` binding by the runtime, and tells all that came of it: a fixture for `wrangler dev`. */
const worker = {
  async fetch(request: Request, env: { readonly AI: WorkersAiBinding }): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const task = (query.get('task') ?? 'chat') as Task;
    const version = await createRuntime(env.AI).load({
      model: 'edge',
      version: '1.0.0',
      task,
      runtime: 'workers-ai',
      target: { model: defaultWorkersAiModels[task] },
      options: { rejectIfBusy: true },
      prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
      timeoutMs: 10_000,
      fallbacks: [],
    });
    const stop = new AbortController();
    const input = { kind: 'texts', texts: ['a great day'] } as const;
    const seen: unknown[] = [];
    try {
      seen.push(await (version.embed ?? version.classify)?.({ input }, stop));
      for await (const event of version.generate?.(chat, stop) ?? []) {
        seen.push(event);
        // Leaves in the middle, as a client does.
        if (query.has('leave') && event.type === 'text') stop.abort();
      }
      return Response.json({ seen });
    } catch (error) {
      const { kind, message } = error as { kind?: string; message: string };
      return Response.json({ seen, error: { kind, message } });
    }
  },
};

// biome-ignore lint/style/noDefaultExport: a Worker needs one
export default worker;

const chat = {
  input: { kind: 'messages', messages: [{ role: 'user', content: 'Hello there' }] },
  maxTokens: 64,
  stop: [],
  format: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
} as const;

function createRuntime(ai: WorkersAiBinding) {
  return createWorkersAiBindingRuntime({
    ai,
    clock: {
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      schedule: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    },
    ids: { next: () => crypto.randomUUID(), randomBytes: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)) },
    passSignal: false,
  });
}
