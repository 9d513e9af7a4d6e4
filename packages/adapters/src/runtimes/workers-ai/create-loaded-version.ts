import type { Ids } from '@scarmonit/core/ports/ids';
import type { GenerateRequest, LoadedVersion, RequestContext } from '@scarmonit/core/ports/model-runtime';
import type { RemoteVersionSpec, WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';
import { RequestsInFlight } from '@scarmonit/core/upstream/requests-in-flight';
import { explainFailure } from '@scarmonit/core/upstream/transport-failures';
import { AnswerReader } from './answer-reader.ts';
import type { Carrier } from './carrier.ts';
import { classify } from './classify.ts';
import { embed } from './embed.ts';
import { explainRefusal, type Refusal } from './explain-refusal.ts';
import { GenerationEvents } from './generation-events.ts';
import type { WorkersAiOptions } from './options.ts';
import { toModelInputs } from './to-model-inputs.ts';

export interface LoadedVersionParts {
  readonly spec: WorkersAiVersionSpec;
  readonly options: WorkersAiOptions;
  readonly carrier: Carrier;
  readonly ids: Ids;
}

/** A version of runtime `workers-ai`, whatever carries its requests: the methods of its task, and what it has in flight. */
export function createLoadedVersion({ spec, options, carrier, ids }: LoadedVersionParts): LoadedVersion {
  const inFlight = new RequestsInFlight(`'${spec.model}' version ${spec.version}`, options.maxInFlight);

  const generate = (request: GenerateRequest, context: RequestContext) =>
    new GenerationEvents({
      context,
      reader: new AnswerReader({
        request,
        newCallId: () => `call_${ids.next()}`,
        explain: (said) => explainRefusal(inTheMiddle(said)),
      }),
      enter: () => inFlight.enter(context.signal),
      open: (signal) => {
        // JSON mode does not stream: https://developers.cloudflare.com/workers-ai/features/json-mode/
        const inputs = { ...toModelInputs(request), stream: request.format.type === 'text' };
        return carrier.run({ inputs, signal, from: context });
      },
    });

  const counted =
    <Request, Result>(run: (request: Request, context: RequestContext) => Promise<Result>) =>
    async (request: Request, context: RequestContext): Promise<Result> => {
      const leave = inFlight.enter(context.signal);
      try {
        return await run(request, context);
      } catch (error) {
        throw explainFailure(error, context.signal);
      } finally {
        leave();
      }
    };

  const methods: Readonly<Record<WorkersAiVersionSpec['task'], Partial<LoadedVersion>>> = {
    chat: { generate },
    embedding: { embed: counted((request, context) => embed(carrier, options, request, context)) },
    classification: { classify: counted((request, context) => classify(carrier, request, context)) },
  };
  return {
    ...methods[spec.task],
    prepareUpdate: (next: RemoteVersionSpec) => carrier.prepareUpdate(next as WorkersAiVersionSpec),
    stats: async () => ({
      residentBytes: 0,
      running: inFlight.count,
      queued: 0,
      slots: options.maxInFlight,
      queueLimit: 0,
      batchSizes: {},
      crashes: 0,
    }),
    unload: () => inFlight.close(() => carrier.close()),
  };
}

/** An error that comes after the answer has begun has neither status nor time to wait. */
function inTheMiddle(said: Pick<Refusal, 'code' | 'message'>): Refusal {
  return { ...said, status: undefined, retryAfterMs: undefined, now: 0 };
}
