import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Engine, EngineFactory } from '@scarmonit/core/ports/engine';
import type { GenerateEvent, GenerateRequest, RequestContext } from '@scarmonit/core/ports/model-runtime';
import { loadBackend } from './load-backend.ts';
import { loadModel } from './load-model.ts';
import { ModelSequence } from './model-sequence.ts';
import { readOptions } from './options.ts';
import { createRequestPlanner } from './plan-request.ts';
import { largestExactStep, PromptPacer } from './prompt-pacer.ts';
import { SequencePool } from './sequence-pool.ts';
import { StepLoop } from './step-loop.ts';
import { TextRun } from './text-run.ts';
import { Vocabulary } from './vocabulary.ts';

/** How long a step with prompts in it may take: cancelling and everybody's next token wait for it. */
const stepTargetMs = 80;

/** Loads llama.cpp while the artifact is still being checked; what fails here fails again, and is told, in `createEngine`. */
export function prepareEngine(): void {
  loadBackend('auto').catch(() => undefined);
}

/**
 * Loads a GGUF model with llama.cpp and answers chat and text requests with it, several at once.
 * @throws ScarmonitError `invalid_request` for options that it does not know, `engine_failure` when loading fails
 */
export const createEngine: EngineFactory = async (spec, artifactPath) => {
  const options = readOptions(spec.options, availableParallelism());
  const loaded = await loadModel(artifactPath, options);
  const now = (): number => performance.now();
  const vocabulary = new Vocabulary(loaded.model);
  const planRequest = createRequestPlanner(loaded, vocabulary);
  const sequences = Array.from(
    { length: options.sequences },
    (_, position) => new ModelSequence(loaded.context.getSequence(), position),
  );
  const pool = new SequencePool(sequences, options.queueLimit, now);
  // GPUs want large steps, and their rounding depends on more than the size of a step.
  const largestStep =
    loaded.llama.gpu === false ? Math.min(options.batchTokens, largestExactStep) : options.batchTokens;
  const loop = new StepLoop(new PromptPacer(stepTargetMs, largestStep), now);
  let unloading: Promise<void> | undefined;

  async function* generate(request: GenerateRequest, { signal }: RequestContext): AsyncGenerator<GenerateEvent> {
    if (unloading !== undefined) throw new ScarmonitError('not_ready', 'This version is being unloaded.');
    const plan = planRequest(request);
    const sequence = await pool.acquire(plan.prompt, signal);
    const run = new TextRun(plan, sequence, vocabulary, () => pool.release(sequence));
    const cancel = (): void => run.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      loop.add(run);
      yield* run.events;
    } finally {
      signal.removeEventListener('abort', cancel);
      run.cancel();
    }
  }

  const engine: Engine = {
    generate,
    stats: () => ({
      running: pool.running,
      queued: pool.queued,
      slots: options.sequences,
      queueLimit: options.queueLimit,
      batchSizes: loop.batchSizes,
    }),
    unload: () => {
      unloading ??= pool.idle().then(loaded.dispose);
      return unloading;
    },
  };
  await onOneThread(loaded.llama, () => warmUp(sequences[0], vocabulary));
  return engine;
};

/** While other engines start beside this one, threads that wait for each other in a busy loop cost more than they bring. */
async function onOneThread(llama: { maxThreads: number }, work: () => Promise<void>): Promise<void> {
  const { maxThreads } = llama;
  llama.maxThreads = 1;
  try {
    await work();
  } finally {
    llama.maxThreads = maxThreads;
  }
}

/** Computes one token, so that the first request does not pay for reading the weights and building buffers. */
async function warmUp(sequence: ModelSequence | undefined, vocabulary: Vocabulary): Promise<void> {
  const tokens = vocabulary.bos === undefined ? vocabulary.tokenizePlain('a', false) : [vocabulary.bos];
  await sequence?.computeBlocks(tokens);
  await sequence?.clear();
}
