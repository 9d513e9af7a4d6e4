import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { FinishReason, GenerateEvent, TokenLogprob, ToolCall, Usage } from '@scarmonit/core/ports/model-runtime';
import type { Progress } from '../app-parts.ts';

/** A whole answer. */
export interface Generation {
  readonly text: string;
  readonly logprobs: readonly TokenLogprob[];
  readonly toolCalls: readonly ToolCall[];
  readonly reason: FinishReason;
  readonly usage: Usage;
}

/**
 * Reads all events into one answer.
 * @param progress told of each piece, since an answer that is cut short is thrown away
 * @throws what the events throw, and `engine_failure` when they never finish
 */
export async function collectGeneration(events: AsyncIterable<GenerateEvent>, progress: Progress): Promise<Generation> {
  let text = '';
  const logprobs: TokenLogprob[] = [];
  const toolCalls: { id: string; name: string; arguments: string }[] = [];
  let finish: Extract<GenerateEvent, { type: 'finish' }> | undefined;
  for await (const event of events) {
    switch (event.type) {
      case 'start':
        break;
      case 'text':
        progress.pieces += 1;
        text += event.text;
        if (event.logprobs !== undefined) {
          logprobs.push(...event.logprobs);
        }
        break;
      case 'tool-call': {
        progress.pieces += 1;
        toolCalls[event.index] ??= { id: '', name: '', arguments: '' };
        const call = toolCalls[event.index];
        if (call !== undefined) {
          call.id = event.id ?? call.id;
          call.name = event.name ?? call.name;
          call.arguments += event.argumentsDelta;
        }
        break;
      }
      case 'finish':
        finish = event;
        break;
    }
  }
  if (finish === undefined) {
    throw new ScarmonitError('engine_failure', 'The model stopped before its answer was complete. Try again.');
  }
  return { text, logprobs, toolCalls, reason: finish.reason, usage: finish.usage };
}

/** What counts against a key's allowance. */
export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens;
}
