import type {
  EmbedRequest,
  GenerateEvent,
  GenerateRequest,
  LoadedVersion,
  ModelRuntime,
  RequestContext,
} from '@scarmonit/core/ports/model-runtime';
import type { LocalVersionSpec, Task } from '@scarmonit/core/registry/version-spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A runtime with something to load. */
export interface ModelRuntimeSubject {
  readonly runtime: ModelRuntime;
  readonly spec: LocalVersionSpec;
  readonly artifactPath: string;
}

/** Loads a version that is ready to be asked. @param options besides those that it needs */
export type Load = (options?: Readonly<Record<string, unknown>>) => Promise<LoadedVersion>;

/**
 * What every runtime must do whose versions run elsewhere. How texts are read is their upstreams' affair.
 * @param task of the version that `prepare` makes ready
 */
export function testUpstreamRuntime(name: string, task: Task, prepare: () => Promise<Load>): void {
  describe(`upstream runtime: ${name}`, () => {
    let load: Load;
    let version: LoadedVersion;
    beforeAll(async () => {
      load = await prepare();
      version = await load();
    });
    afterAll(() => version?.unload());
    testAnswering(
      task,
      () => version,
      (options) => load(options),
    );
    if (task === 'chat') testGeneration(() => version);
  });
}

/** What every runtime must do that loads artifacts. @param task of the version that `prepare` makes ready */
export function testModelRuntime(name: string, task: Task, prepare: () => Promise<ModelRuntimeSubject>): void {
  describe(`model runtime: ${name}`, () => {
    let subject: ModelRuntimeSubject;
    let version: LoadedVersion;
    const load = (changes: Partial<LocalVersionSpec> = {}, artifactPath = subject.artifactPath) =>
      subject.runtime.load({ ...subject.spec, ...changes }, artifactPath);
    beforeAll(async () => {
      subject = await prepare();
      version = await load();
    });
    afterAll(() => version?.unload());

    it('reports figures', async () => {
      const stats = await version.stats();
      expect(stats).toMatchObject({ running: 0, queued: 0, crashes: 0 });
      expect(stats.slots).toBeGreaterThan(0);
      expect(stats.queueLimit).toBeGreaterThan(0);
      expect(stats.residentBytes).toBeGreaterThan(0);
    });

    it('says that it cannot load what is not there', async () => {
      await expect(load({}, `${subject.artifactPath}.missing`)).rejects.toMatchObject({ kind: 'engine_failure' });
    });

    testAnswering(
      task,
      () => version,
      (options) => load({ options: { ...subject.spec.options, ...options } }),
    );
    if (task === 'embedding') testEmbedding(() => version);
    if (task === 'classification') testClassification(() => version);
    if (task === 'chat') testGeneration(() => version);
    else testTexts(() => version);
  });
}

function testAnswering(task: Task, version: () => LoadedVersion, load: Load): void {
  it('gives a loaded version the methods of its task alone', () => {
    const { generate, embed, classify } = version();
    const methods = Object.entries({ generate, embed, classify }).filter(([, method]) => method !== undefined);
    const wanted = { chat: 'generate', embedding: 'embed', classification: 'classify' }[task];
    expect(methods.map(([method]) => method)).toEqual([wanted]);
  });

  it('refuses an option that it does not know, by its name', async () => {
    await expect(load({ colour: 'blue' })).rejects.toThrow('colour');
  });

  it('refuses requests that are cancelled already', async () => {
    await expect(ask(version(), AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('answers requests that come at once', async () => {
    const answers = await Promise.all([ask(version()), ask(version()), ask(version())]);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('unloads after what is in flight, once, and then answers no more', async () => {
    const other = await load();
    const last = ask(other);
    await Promise.all([other.unload(), other.unload()]);
    expect(await last).toBeDefined();
    await expect(ask(other)).rejects.toMatchObject({ kind: 'not_ready' });
  });
}

function testEmbedding(version: () => LoadedVersion): void {
  const embed = (request: EmbedRequest) => required(version().embed)(request, context());

  it('gives one vector of unit length a text, in their order', async () => {
    const together = await embed({ input: texts('hot', 'cold', 'hot cold') });
    const alone = await embed({ input: texts('cold') });
    expect(together.vectors).toHaveLength(3);
    for (const vector of together.vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    const expected = [...(alone.vectors[0] ?? [])].map((value) => expect.closeTo(value, 4));
    expect([...(together.vectors[1] ?? [])]).toEqual(expected);
    expect(together.inputTokens).toBeGreaterThan(alone.inputTokens);
  });

  it('takes token ids, and refuses those that are none', async () => {
    const { vectors } = await embed({ input: { kind: 'tokens', tokens: [[4], [5]] } });
    expect(vectors).toHaveLength(2);
    await expect(embed({ input: { kind: 'tokens', tokens: [[4], [1e9]] } })).rejects.toMatchObject({
      kind: 'invalid_request',
      param: 'input[1]',
    });
  });

  it('refuses a length of vectors that it cannot make', async () => {
    await expect(embed({ input: texts('hot'), dimensions: 3 })).rejects.toMatchObject({
      kind: 'unsupported',
      param: 'dimensions',
    });
  });
}

function testClassification(version: () => LoadedVersion): void {
  it('gives every label a probability, the likeliest first, for each text', async () => {
    const { results } = await required(version().classify)({ input: texts('hot', 'cold') }, context());
    expect(results).toHaveLength(2);
    for (const ranked of results) {
      const scores = ranked.map(({ score }) => score);
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
    const labels = results.map((ranked) => ranked.map(({ label }) => label).sort());
    expect(labels[1]).toEqual(labels[0]);
  });
}

function testTexts(version: () => LoadedVersion): void {
  const read = (...all: string[]) => ask(version(), context().signal, ...all);

  it('refuses texts without anything to read, with the place', async () => {
    await expect(read('hot', '')).rejects.toMatchObject({ kind: 'invalid_request', param: 'input[1]' });
    await expect(read('')).rejects.toMatchObject({ kind: 'invalid_request', param: 'input' });
  });

  it('refuses texts that are too long, with the place', async () => {
    await expect(read('hot', 'hot '.repeat(5_000))).rejects.toMatchObject({
      kind: 'context_length_exceeded',
      param: 'input[1]',
    });
  });
}

function testGeneration(version: () => LoadedVersion): void {
  const generate = (maxTokens: number, signal = context().signal) =>
    required(version().generate)(chat(maxTokens), { signal });

  it('starts, writes and finishes, with exact usage', async () => {
    const events = await collect(generate(3));
    expect(events[0]).toEqual({ type: 'start' });
    expect(events.slice(1, -1).every(({ type }) => type === 'text')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'length', usage: { outputTokens: 3 } });
  });

  it('frees the slot when the reader stops', async () => {
    for await (const { type } of generate(1_000)) if (type === 'text') break;
    await expect.poll(async () => (await version().stats()).running).toBe(0);
  });

  it('ends with an error when the caller leaves in the middle', async () => {
    const abort = new AbortController();
    const events = generate(1_000, abort.signal)[Symbol.asyncIterator]();
    await events.next();
    abort.abort();
    const drain = async () => {
      while ((await events.next()).done !== true);
    };
    await expect(drain()).rejects.toMatchObject({ kind: 'cancelled' });
  });
}

/** Any request that the version can answer. */
async function ask(version: LoadedVersion, signal = context().signal, ...all: string[]): Promise<unknown> {
  const input = all.length === 0 ? texts('hot') : texts(...all);
  if (version.embed !== undefined) return (await version.embed({ input }, { signal })).vectors.length;
  if (version.classify !== undefined) return version.classify({ input }, { signal });
  return collect(required(version.generate)(chat(4), { signal }));
}

function required<Method>(method: Method | undefined): Method {
  if (method === undefined) throw new Error('the version lacks the method of its task');
  return method;
}

function context(): RequestContext {
  return { signal: new AbortController().signal };
}

function texts(...all: string[]) {
  return { kind: 'texts', texts: all } as const;
}

function chat(maxTokens: number): GenerateRequest {
  return {
    input: { kind: 'messages', messages: [{ role: 'user', content: 'Say something.' }] },
    maxTokens,
    stop: [],
    temperature: 0,
    format: { type: 'text' },
    tools: [],
    toolChoice: 'none',
  };
}

/** All events; how the text is cut into pieces is the runtime's affair, so neighbouring pieces are joined. */
async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const found: GenerateEvent[] = [];
  for await (const event of events) {
    const last = found.at(-1);
    if (event.type === 'text' && last?.type === 'text')
      found.splice(-1, 1, { type: 'text', text: last.text + event.text });
    else found.push(event);
  }
  return found;
}
