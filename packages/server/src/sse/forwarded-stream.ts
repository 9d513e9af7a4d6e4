import type { WireChunk } from '@scarmonit/core/ports/model-runtime';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { EventStream } from './event-stream.ts';
import { doneFrame, frameData } from './frame-event.ts';

/** Streams an upstream's chunks as they are. */
export class ForwardedStream extends EventStream<WireChunk> {
  protected encode({ text, usage }: WireChunk): string {
    this.usage = usage ?? this.usage;
    if (text === undefined) {
      return '';
    }
    this.pieces += 1;
    return `data: ${text.includes('\n') ? onDataLines(text) : text}\n\n`;
  }

  protected end(): string {
    return doneFrame;
  }

  protected fail(error: ErrorBody): string {
    return frameData({ error });
  }
}

/** JSON that an upstream lays out over several lines stays one event, as the standard has it: a `data:` each. */
function onDataLines(text: string): string {
  return text.replaceAll('\n', '\ndata: ');
}
