import type { GenerateEvent, GenerateRequest, LoadedVersion } from '@scarmonit/core/ports/model-runtime';
import type { Task, WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';
import { defaultWorkersAiModels } from '@scarmonit/core/registry/workers-ai-models';
import type { Answers } from '../../../../agent-api/workers-ai-emulator/answers/answers.ts';
import { builtInAnswers } from '../../../../agent-api/workers-ai-emulator/answers/built-in-answers.ts';
import { runOverWire } from '../../../../agent-api/workers-ai-emulator/run-over-wire.ts';
import { type Emulator, startEmulator } from '../../../../agent-api/workers-ai-emulator/start-emulator.ts';
import {
  createWorkersAiBindingRuntime,
  createWorkersAiRestRuntime,
} from '../../src/runtimes/workers-ai/create-workers-ai-runtime.ts';
import { createSystemClock } from '../../src/system/system-clock.ts';
import { createSystemIds } from '../../src/system/system-ids.ts';
import { createUndiciTransport } from '../../src/undici/create-undici-transport.ts';

/** The two ways to ask; what holds for one holds for the other. */
export const carriers = ['REST', 'binding'] as const;
export type CarrierName = (typeof carriers)[number];

/** The account's token, which must not appear anywhere but in its requests. */
export const apiToken = 'hunter2-hunter2';

export interface Opened {
  readonly version: LoadedVersion;
  readonly spec: WorkersAiVersionSpec;
}

/** An emulator and the versions that ask it; all of it ends with `close`. */
export class WorkersAi {
  readonly emulator: Emulator;
  readonly #versions: LoadedVersion[] = [];

  constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  static async start(answers: Answers = builtInAnswers): Promise<WorkersAi> {
    return new WorkersAi(await startEmulator({ port: 0, answers, apiToken }));
  }

  async open(carrier: CarrierName, changes: Partial<WorkersAiVersionSpec> = {}): Promise<Opened> {
    const { url } = this.emulator;
    const [clock, ids] = [createSystemClock(), createSystemIds()];
    const runtime =
      carrier === 'REST'
        ? createWorkersAiRestRuntime({
            transport: createUndiciTransport(),
            clock,
            ids,
            lookUpSecret: () => undefined,
            requireBound: () => undefined,
            cloudflare: { accountId: 'account-1', apiToken },
          })
        : createWorkersAiBindingRuntime({
            ai: { run: (model, inputs, options = {}) => runOverWire(url, model, inputs, { ...options }) },
            clock,
            ids,
            passSignal: true,
          });
    const { target, task = 'chat', ...rest } = changes;
    const spec: WorkersAiVersionSpec = {
      model: 'edge',
      version: '1.0.0',
      task,
      runtime: 'workers-ai',
      target: {
        model: defaultWorkersAiModels[task],
        ...(carrier === 'REST' ? { baseUrl: `${url}/client/v4` } : {}),
        ...target,
      },
      options: {},
      prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
      timeoutMs: 120_000,
      fallbacks: [],
      ...rest,
    };
    const version = await runtime.load(spec);
    this.#versions.push(version);
    return { version, spec };
  }

  async close(): Promise<void> {
    // The emulator first: what hangs there would be waited for.
    await this.emulator.close();
    await Promise.all(this.#versions.map((version) => version.unload()));
  }
}

/** A request of any kind for a version of the task. @returns whatever it answers, text for a chat */
export async function ask(task: Task, { embed, classify, ...version }: LoadedVersion): Promise<unknown> {
  const context = { signal: new AbortController().signal };
  const input = { kind: 'texts', texts: ['a great day'] } as const;
  if (task === 'embedding') return embed?.({ input }, context);
  if (task === 'classification') return classify?.({ input }, context);
  return textOf(await collect(generate(version, chat('Hello there'))));
}

export function generate(version: LoadedVersion, request: GenerateRequest, signal = new AbortController().signal) {
  if (version.generate === undefined) throw new Error('a chat version generates');
  return version.generate(request, { signal, requestId: 'req_1', trace });
}

/** Of every request that {@link generate} makes. */
export const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'a=1' };

export function chat(content: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    input: { kind: 'messages', messages: [{ role: 'user', content }] },
    maxTokens: 64,
    stop: [],
    format: { type: 'text' },
    tools: [],
    toolChoice: 'auto',
    ...changes,
  };
}

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const found: GenerateEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

export function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}
