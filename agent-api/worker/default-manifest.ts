/** What is served until a manifest is applied: one model of Workers AI for each task. */
export const defaultManifest = `apiVersion: scarmonit/v1
models:
  llama-3-8b-instruct:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0: { runtime: workers-ai, model: "@cf/meta/llama-3-8b-instruct" }
  bge-base-en-v1.5:
    task: embedding
    stable: 1.0.0
    versions:
      1.0.0: { runtime: workers-ai, model: "@cf/baai/bge-base-en-v1.5" }
  distilbert-sst-2-int8:
    task: classification
    stable: 1.0.0
    versions:
      1.0.0: { runtime: workers-ai, model: "@cf/huggingface/distilbert-sst-2-int8" }
`;
