import type { ReadyIterator, WireChunk } from '../ports/model-runtime.ts';
import type { AnswerCollector } from '../shadow/answer-collector.ts';
import { RecordedStream } from './recorded-stream.ts';
import type { TrackedRequest } from './tracked-request.ts';

/** The chunks of a forwarded stream, watched. Each costs one reaction to a promise or none: a gateway's hottest path. */
export class RecordedChunks extends RecordedStream<WireChunk> implements ReadyIterator<WireChunk> {
  /** There where the source has it: {@link ReadyIterator.takeReady}. */
  readonly takeReady?: () => IteratorResult<WireChunk> | undefined;

  readonly #copy: AnswerCollector<string> | undefined;

  /** @param copy takes what the client gets, for the candidate's copy of the request */
  constructor(source: ReadyIterator<WireChunk>, request: TrackedRequest, copy?: AnswerCollector<string>) {
    super(source, request);
    this.#copy = copy;
    if (source.takeReady !== undefined) {
      this.takeReady = () => {
        if (this.done || this.hasFirst) return undefined;
        const result = source.takeReady?.();
        return result === undefined ? undefined : this.#note(result);
      };
    }
  }

  protected pull(): Promise<IteratorResult<WireChunk>> {
    return this.source.next().then(this.#note, this.#fail);
  }

  readonly #note = (result: IteratorResult<WireChunk>): IteratorResult<WireChunk> => {
    if (result.done) {
      this.done = true;
      this.request.succeed();
      this.#copy?.finish();
      return result;
    }
    const { text, usage } = result.value;
    if (usage !== undefined) this.request.markUsage(usage);
    if (text !== undefined) {
      this.request.markToken();
      this.#copy?.add(text);
    }
    return result;
  };

  readonly #fail = (error: unknown): never => {
    this.done = true;
    throw this.request.fail(error);
  };
}
