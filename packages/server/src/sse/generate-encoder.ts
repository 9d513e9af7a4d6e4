import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';

/** Turns what an engine says into the frames of one endpoint's stream. Has state: one for each stream. */
export interface GenerateEncoder {
  /** The frames of an event; empty when it shows nothing. */
  encode(event: GenerateEvent): string;
  /** The frames after the last event. Called only after `finish`. */
  end(): string;
  /** The frames of a stream that breaks. Nothing follows them. */
  fail(error: ErrorBody): string;
}
