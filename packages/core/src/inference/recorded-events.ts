import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { GenerateEvent } from '../ports/model-runtime.ts';
import type { AnswerCollector } from '../shadow/answer-collector.ts';
import { RecordedStream } from './recorded-stream.ts';
import type { TrackedRequest } from './tracked-request.ts';

/** The events of a generation, watched. `start` is noted and not passed on; the last event is `finish`. */
export class RecordedEvents extends RecordedStream<GenerateEvent> {
  readonly #copy: AnswerCollector<GenerateEvent> | undefined;

  /** @param copy takes what the client gets, for the candidate's copy of the request */
  constructor(source: AsyncIterator<GenerateEvent>, request: TrackedRequest, copy?: AnswerCollector<GenerateEvent>) {
    super(source, request);
    this.#copy = copy;
  }

  protected async pull(): Promise<IteratorResult<GenerateEvent>> {
    try {
      let result = await this.source.next();
      if (!result.done && result.value.type === 'start') {
        this.request.markStarted();
        result = await this.source.next();
      }
      if (result.done) {
        throw new ScarmonitError('engine_failure', 'The engine ended the answer without saying why.');
      }
      this.#copy?.add(result.value);
      if (result.value.type === 'finish') {
        this.done = true;
        this.request.markUsage(result.value.usage);
        this.request.succeed();
        this.#copy?.finish();
      } else {
        this.request.markToken();
      }
      return result;
    } catch (error) {
      this.done = true;
      throw this.request.fail(error);
    }
  }
}
