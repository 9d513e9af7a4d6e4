import type { ContentWatch } from '../drift/content-watch.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  GenerateEvent,
  GenerateRequest,
  LoadedVersion,
  RequestContext,
  WireAnswer,
  WireRequest,
} from '../ports/model-runtime.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { ServedBy, ServingVersion } from '../services/agent-services.ts';
import { topLabels } from '../shadow/read-answer.ts';
import type { ShadowSample } from '../shadow/shadow-copier.ts';
import { RecordedChunks } from './recorded-chunks.ts';
import { RecordedEvents } from './recorded-events.ts';
import type { TrackedRequest } from './tracked-request.ts';

/** A loaded version, each use of which is tracked. */
export class TrackedVersion implements ServingVersion {
  readonly servedBy: ServedBy;
  readonly #loaded: LoadedVersion;
  readonly #spec: VersionSpec;
  readonly #track: (signal?: CancelSignal) => TrackedRequest;
  readonly #shadow: ShadowSample | undefined;
  readonly #content: ContentWatch | undefined;

  constructor(
    loaded: LoadedVersion,
    spec: VersionSpec,
    servedBy: ServedBy,
    track: (signal?: CancelSignal) => TrackedRequest,
    shadow?: ShadowSample,
    content?: ContentWatch,
  ) {
    this.#loaded = loaded;
    this.#spec = spec;
    this.servedBy = servedBy;
    this.#track = track;
    this.#shadow = shadow;
    this.#content = content;
  }

  get canForward(): boolean {
    return this.#loaded.forward !== undefined;
  }

  async forward(wanted: Omit<WireRequest, 'publicModel'>): Promise<WireAnswer> {
    const request = this.#track();
    const asked = { ...wanted, publicModel: this.servedBy.model };
    let answer: WireAnswer;
    try {
      if (this.#loaded.forward === undefined) throw this.#cannot('take requests in wire format');
      answer = await this.#loaded.forward(asked, request.forwardContext);
    } catch (error) {
      throw request.fail(error);
    }
    this.#content?.noteRequest(this.#spec, wanted.body);
    if (answer.kind === 'stream') {
      const copy = this.#shadow?.collectChunks(asked);
      const chunks = new RecordedChunks(answer.chunks[Symbol.asyncIterator](), request, copy);
      return { kind: 'stream', chunks: await chunks.prime() };
    }
    if (answer.usage !== undefined) request.markUsage(answer.usage);
    request.succeed();
    this.#shadow?.offer({ kind: 'forward', request: asked, answer: [answer.text] });
    return answer;
  }

  async generate(wanted: GenerateRequest, signal?: CancelSignal): Promise<AsyncIterable<GenerateEvent>> {
    const request = this.#track(signal);
    this.#content?.noteRequest(this.#spec, wanted.input);
    let source: AsyncIterator<GenerateEvent>;
    try {
      if (this.#loaded.generate === undefined) throw this.#cannot('generate text');
      source = this.#loaded.generate(wanted, request.context)[Symbol.asyncIterator]();
    } catch (error) {
      throw request.fail(error);
    }
    return new RecordedEvents(source, request, this.#shadow?.collectEvents(wanted)).prime();
  }

  async embed(wanted: EmbedRequest): Promise<EmbedResult> {
    const answer = await this.#answer(async (context) => {
      if (this.#loaded.embed === undefined) throw this.#cannot('embed');
      return this.#loaded.embed(wanted, context);
    });
    this.#content?.noteVectors(this.#spec, wanted.input, answer.vectors);
    this.#shadow?.offer({ kind: 'embed', request: wanted, answer });
    return answer;
  }

  async classify(wanted: ClassifyRequest): Promise<ClassifyResult> {
    const answer = await this.#answer(async (context, request) => {
      if (this.#loaded.classify === undefined) throw this.#cannot('classify');
      const result = await this.#loaded.classify(wanted, context);
      const labels = topLabels(result);
      request.markLabels(labels);
      this.#content?.noteLabels(this.#spec, wanted.input, labels);
      return result;
    });
    this.#shadow?.offer({ kind: 'classify', request: wanted, answer });
    return answer;
  }

  /** Runs what answers in one piece. */
  async #answer<T extends { readonly inputTokens: number }>(
    run: (context: RequestContext, request: TrackedRequest) => Promise<T>,
  ): Promise<T> {
    const request = this.#track();
    try {
      const result = await run(request.context, request);
      request.markUsage({ inputTokens: result.inputTokens, outputTokens: 0 });
      request.succeed();
      return result;
    } catch (error) {
      throw request.fail(error);
    }
  }

  #cannot(ability: string): ScarmonitError {
    const { model, version } = this.#spec;
    return new ScarmonitError('unsupported', `The model '${model}' version ${version} cannot ${ability}.`, {
      code: 'unsupported_model',
      param: 'model',
    });
  }
}
