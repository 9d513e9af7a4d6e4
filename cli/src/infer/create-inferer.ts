import type { ScarmonitClient } from '@scarmonit/client/create-scarmonit-client';

export type InferTask = 'chat' | 'embedding' | 'classification';

export interface InferSettings {
  readonly task: InferTask;
  readonly model: string | undefined;
  readonly modelVersion: string | undefined;
  readonly signal: AbortSignal;
}

export interface InferAnswer {
  /** For machines. */
  readonly value: Readonly<Record<string, unknown>>;
  /** One line for people. */
  readonly summary: string;
}

/** Answers texts, in their order. @throws as the client does */
export type Inferer = (texts: readonly string[]) => Promise<readonly InferAnswer[]>;

/** As many texts as go together; embeddings and classifications are one request then, and the engines batch within it. */
export const textsAtOnce: Readonly<Record<InferTask, number>> = { chat: 4, embedding: 32, classification: 32 };

/** Each task is one entry: how it is asked for, and how its answer is told. */
export function createInferer(client: ScarmonitClient, { task, model, modelVersion, signal }: InferSettings): Inferer {
  const chosen = model === undefined ? {} : { model };
  const options = { modelVersion, signal };
  const inferers: Readonly<Record<InferTask, Inferer>> = {
    chat: (texts) =>
      Promise.all(
        texts.map(async (text) => {
          const messages = [{ role: 'user' as const, content: text }];
          const { choices, usage, model } = await client.infer.chat({ ...chosen, messages }, options);
          const answer = choices[0]?.message.content ?? '';
          const value = { model, text: answer, finishReason: choices[0]?.finish_reason ?? null, usage };
          return { value, summary: answer };
        }),
      ),
    embedding: async (texts) => {
      const { data, model } = await client.infer.embedding({ ...chosen, input: [...texts] }, options);
      return data.map(({ embedding }) => ({ value: { model, embedding }, summary: JSON.stringify(embedding) }));
    },
    classification: async (texts) => {
      const { data, model } = await client.infer.classification({ ...chosen, input: [...texts] }, options);
      return data.map(({ label, score, labels }) => ({
        value: { model, label, score, labels },
        summary: `${label}  ${score.toFixed(4)}`,
      }));
    },
  };
  return inferers[task];
}
