import type { EmulatedError } from './error-table.ts';

/** How answers and errors look on one of the emulator's doors. */
export interface Wire {
  readonly name: 'rest' | 'binding' | 'openai';
  /** Whether every answer of a chat has OpenAI's format, whatever the model's own is. */
  readonly alwaysOpenAi: boolean;
  writeResult(result: unknown): unknown;
  writeError(error: EmulatedError): unknown;
}

/** https://developers.cloudflare.com/workers-ai/get-started/rest-api/ */
export const restWire: Wire = {
  name: 'rest',
  alwaysOpenAi: false,
  writeResult: (result) => ({ result, success: true, errors: [], messages: [] }),
  writeError: ({ code, message }) => toFailure(code, `AiError: AiError: ${message}`),
};

/**
 * What stands behind `env.AI.run`: `internal/ai-api.ts` of https://github.com/cloudflare/workerd sends and reads it. No
 * envelope, and errors of a shape of their own.
 */
export const bindingWire: Wire = {
  name: 'binding',
  alwaysOpenAi: false,
  writeResult: (result) => result,
  writeError: ({ code, message, table }) => ({
    internalCode: code,
    message: `AiError: ${message}`,
    name: table.name,
    description: message,
  }),
};

/** https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/ */
export const openAiWire: Wire = {
  name: 'openai',
  alwaysOpenAi: true,
  writeResult: (result) => result,
  writeError: ({ code, message }) => toFailure(code, `AiError: AiError: ${message}`),
};

/** The envelope of a failure. */
export function toFailure(code: number, message: string): Readonly<Record<string, unknown>> {
  return { result: null, success: false, errors: [{ code, message }], messages: [] };
}
