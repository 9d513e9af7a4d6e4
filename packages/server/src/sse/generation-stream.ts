import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { EventStream, type StreamOwner } from './event-stream.ts';
import type { GenerateEncoder } from './generate-encoder.ts';

/** Streams what an engine generates, in the frames of one endpoint. */
export class GenerationStream extends EventStream<GenerateEvent> {
  readonly #encoder: GenerateEncoder;

  constructor(events: AsyncIterable<GenerateEvent>, encoder: GenerateEncoder, owner: StreamOwner) {
    super(events, owner);
    this.#encoder = encoder;
  }

  protected encode(event: GenerateEvent): string {
    if (event.type === 'finish') {
      this.usage = event.usage;
    } else if (event.type !== 'start') {
      this.pieces += 1;
    }
    return this.#encoder.encode(event);
  }

  protected end(): string {
    if (this.usage === undefined) {
      throw new ScarmonitError('engine_failure', 'The model stopped before its answer was complete. Try again.');
    }
    return this.#encoder.end();
  }

  protected fail(error: ErrorBody): string {
    return this.#encoder.fail(error);
  }
}
