import { EmulatedError } from './error-table.ts';

/** A model that the emulator stands in for. */
export interface CatalogueModel {
  readonly task: 'chat' | 'embedding' | 'classification';
  /** Which of the platform's two formats its streams have. */
  readonly frames: 'native' | 'openai';
}

const chat = { task: 'chat', frames: 'native' } as const;
const newerChat = { task: 'chat', frames: 'openai' } as const;
const embedding = { task: 'embedding', frames: 'native' } as const;

/** A few of https://developers.cloudflare.com/workers-ai/models/ with both formats of streams among them. */
const models: Readonly<Record<string, CatalogueModel>> = {
  '@cf/meta/llama-3-8b-instruct': chat,
  '@cf/meta/llama-3.1-8b-instruct': chat,
  '@cf/meta/llama-3.3-70b-instruct-fp8-fast': chat,
  '@hf/nousresearch/hermes-2-pro-mistral-7b': chat,
  '@cf/google/gemma-4-26b-a4b-it': newerChat,
  '@cf/openai/gpt-oss-120b': newerChat,
  '@cf/qwen/qwen3-30b-a3b-fp8': newerChat,
  '@cf/baai/bge-small-en-v1.5': embedding,
  '@cf/baai/bge-base-en-v1.5': embedding,
  '@cf/baai/bge-large-en-v1.5': embedding,
  '@cf/huggingface/distilbert-sst-2-int8': { task: 'classification', frames: 'native' },
};

/** @throws EmulatedError 3042 for what cannot be a name, 5007 for a model that is not in the catalogue */
export function findModel(name: string): CatalogueModel {
  if (!/^@[a-z]+\/[\w.-]+\/[\w.-]+$/.test(name)) throw new EmulatedError(3042);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (model === undefined) throw new EmulatedError(5007, `No such model ${name} or task`);
  return model;
}
