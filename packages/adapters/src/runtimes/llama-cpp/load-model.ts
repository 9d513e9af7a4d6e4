import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { InsufficientMemoryError } from 'node-llama-cpp';
import { loadBackend } from './load-backend.ts';
import type { LlamaCppOptions } from './options.ts';
import { promptBlockTokens } from './prompt-pacer.ts';

export interface LoadedModel {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  /** Most tokens of one request, prompt and answer together. */
  readonly contextTokens: number;
  dispose(): Promise<void>;
}

const defaultContextTokens = 2048;

/**
 * Loads a GGUF file and makes room for the sequences.
 * @throws ScarmonitError `engine_failure` in plain words when the file is no model or memory does not suffice,
 *   `invalid_request` when `contextTokens` is more than the model can hold
 */
export async function loadModel(path: string, options: LlamaCppOptions): Promise<LoadedModel> {
  const llama = await attempt('The llama.cpp engine could not be started', () => loadBackend(options.build));
  const model = await attempt('The model could not be loaded', () => llama.loadModel({ modelPath: path }), path);
  try {
    const contextTokens = options.contextTokens ?? Math.min(model.trainContextSize, defaultContextTokens);
    if (contextTokens > model.trainContextSize) {
      const limit = model.trainContextSize;
      throw new ScarmonitError(
        'invalid_request',
        `options.contextTokens: the model holds ${limit} tokens at the most.`,
        {
          param: 'options.contextTokens',
        },
      );
    }
    const context = await attempt('There is no room for the model’s context', () =>
      model.createContext({
        contextSize: contextTokens,
        sequences: options.sequences,
        // Room for a last step, which takes the rest of a prompt with it, in one piece.
        batchSize: options.batchTokens + promptBlockTokens,
        flashAttention: options.flashAttention,
        threads: { ideal: options.threads, min: 1 },
        failedCreationRemedy: false,
      }),
    );
    const dispose = async (): Promise<void> => {
      await context.dispose();
      await model.dispose();
    };
    return { llama, model, context, contextTokens, dispose };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** Gives failures a plain text that is fit for callers: without the path on this machine. */
async function attempt<T>(what: string, run: () => Promise<T>, path = ''): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const reason = (path === '' ? said : said.replaceAll(path, 'the artifact')).replace(/\.+$/, '');
    const advice =
      error instanceof InsufficientMemoryError
        ? ' Free memory, or set fewer options.sequences or options.contextTokens.'
        : '';
    throw new ScarmonitError('engine_failure', `${what}: ${reason}.${advice}`, { cause: error });
  }
}
