import { isMapping } from '@scarmonit/core/upstream/parse-object';

/** What a body says of a failure. */
export interface RefusalBody {
  readonly code: number | undefined;
  /** Empty when it says nothing. */
  readonly message: string;
}

/**
 * Finds the failure in a body or in an event of a stream: `{success: false, errors: [{code, message}]}` of the REST API,
 * `{internalCode, description}` of the binding, `{error: {message, code}}` of the endpoints in OpenAI's format.
 * @returns undefined when it tells of none
 */
export function readRefusal(body: unknown): RefusalBody | undefined {
  if (!isMapping(body)) return undefined;
  const { errors, error, internalCode, description, message } = body;
  if (internalCode !== undefined) return refusal(internalCode, description ?? message);
  if (Array.isArray(errors) && errors.length > 0) return readOne(errors[0]);
  if (error !== undefined && error !== null && error !== false && error !== '') return readOne(error);
  return body['success'] === false ? refusal(undefined, undefined) : undefined;
}

/** What the binding throws says its code in its message: `3040: Capacity temporarily exceeded, please try again.` */
export function readThrown(error: unknown): RefusalBody {
  const message = error instanceof Error ? error.message : String(error);
  const [, code, description] = /(?:^|: )(\d{4,5}): ([\s\S]*)$/.exec(message) ?? [];
  return refusal(code, description);
}

function readOne(error: unknown): RefusalBody {
  return isMapping(error) ? refusal(error['code'], error['message']) : refusal(undefined, error);
}

function refusal(code: unknown, message: unknown): RefusalBody {
  const number = Number(code);
  return {
    code: code !== '' && code !== null && Number.isSafeInteger(number) ? number : undefined,
    // `AiError: AiError: No such model …`: the name tells a client nothing.
    message: typeof message === 'string' ? message.replace(/^(\s*\w*Error:)+\s*/, '').trim() : '',
  };
}
