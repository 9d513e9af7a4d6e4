import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  TokenLogprob,
  Usage,
} from '@scarmonit/core/ports/model-runtime';

/** What a fake engine says to a request. */
export type Script = (request: GenerateRequest, signal: AbortSignal) => AsyncIterable<GenerateEvent>;

export const usage: Usage = { inputTokens: 7, outputTokens: 3, cachedInputTokens: 2 };

/** Says the pieces, one event each. */
export function say(...pieces: readonly string[]): Script {
  return ending('stop', ...pieces);
}

/** Says the pieces and ends for the reason. */
export function ending(reason: FinishReason, ...pieces: readonly string[]): Script {
  return async function* () {
    yield { type: 'start' };
    for (const text of pieces) {
      yield { type: 'text', text };
    }
    yield { type: 'finish', reason, usage };
  };
}

/** Says tokens with one alternative each. */
export function sayWithLogprobs(...tokens: readonly string[]): Script {
  return async function* () {
    yield { type: 'start' };
    for (const token of tokens) {
      const bytes = [...new TextEncoder().encode(token)];
      const logprob: TokenLogprob = { token, logprob: -0.5, bytes, top: [{ token, logprob: -0.5, bytes }] };
      yield { type: 'text', text: token, logprobs: [logprob] };
    }
    yield { type: 'finish', reason: 'stop', usage };
  };
}

/** Calls `get_weather` with arguments in two pieces. */
export const callWeather: Script = async function* () {
  yield { type: 'start' };
  yield { type: 'tool-call', index: 0, id: 'call_1', name: 'get_weather', argumentsDelta: '' };
  yield { type: 'tool-call', index: 0, argumentsDelta: '{"city":' };
  yield { type: 'tool-call', index: 0, argumentsDelta: '"Paris"}' };
  yield { type: 'finish', reason: 'tool_calls', usage };
};

/** Says the pieces and then breaks. */
export function breakAfter(error: unknown, ...pieces: readonly string[]): Script {
  return async function* () {
    yield { type: 'start' };
    for (const text of pieces) {
      yield { type: 'text', text };
    }
    throw error;
  };
}

/**
 * An engine that says one piece and then nothing until it is told to stop; tells when it was.
 * `started` resolves when it has begun to wait.
 */
export function createStallingEngine() {
  const stopped = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const script: Script = async function* (_request, signal) {
    yield { type: 'start' };
    yield { type: 'text', text: 'first' };
    started.resolve();
    await new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => {
        stopped.resolve('stopped');
        reject(new Error('stopped'));
      });
    });
  };
  return { script, started: started.promise, stopped: stopped.promise };
}
