import type { Task } from './version-spec.ts';

/** The model of Cloudflare's catalogue that a version of runtime `workers-ai` runs when it names none. */
export const defaultWorkersAiModels: Readonly<Record<Task, string>> = {
  chat: '@cf/meta/llama-3-8b-instruct',
  embedding: '@cf/baai/bge-base-en-v1.5',
  classification: '@cf/huggingface/distilbert-sst-2-int8',
};
