import { type ErrorKind, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** What Workers AI says when it does not answer. */
export interface Refusal {
  /** Its internal code; undefined when it gave none. */
  readonly code: number | undefined;
  /** HTTP status; undefined from the binding, which does not tell. */
  readonly status: number | undefined;
  /** In its words, already fit for clients. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /** Wall time, for the end of the day's allowance. */
  readonly now: number;
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly code?: string;
  /** In place of Cloudflare's words, where they say nothing to a client. */
  readonly message?: string;
  readonly retryAfterMs?: number;
}

const timeout: Meaning = { kind: 'timeout', code: 'upstream_timeout', message: 'Workers AI did not answer in time' };
const forbidden: Meaning = { kind: 'forbidden', code: 'upstream_model_not_allowed' };
const schemaError: Meaning = { kind: 'invalid_request' };

/**
 * What each code means, by the HTTP status that Cloudflare's table gives it: 400, 403, 404, 413 and 429 are the same here,
 * 408 is a `timeout` (504), and 405, which is said of the model and not of the method, is `unsupported` (400).
 * https://developers.cloudflare.com/workers-ai/platform/errors/
 */
const meanings: Readonly<Record<number, Meaning>> = {
  3003: schemaError,
  3006: { kind: 'payload_too_large' },
  3007: timeout,
  3008: timeout,
  3023: { kind: 'forbidden', code: 'upstream_account_blocked' },
  // OpenAI's code for an empty account: a client that knows it does not try again at once.
  3036: { kind: 'rate_limited', code: 'insufficient_quota' },
  3039: { kind: 'invalid_request', code: 'upstream_model_incomplete' },
  3040: { kind: 'rate_limited', message: 'Workers AI is busy. Try again shortly', retryAfterMs: 1_000 },
  3041: forbidden,
  3042: { kind: 'not_found', code: 'upstream_model_not_found' },
  5004: schemaError,
  5005: { kind: 'unsupported', code: 'upstream_lora_unsupported' },
  // Reported by clients, not in the table: the inputs do not fit the model's schema.
  5006: schemaError,
  5007: { kind: 'invalid_request', code: 'upstream_model_not_found' },
  5016: { kind: 'forbidden', code: 'upstream_terms_not_accepted' },
  5018: forbidden,
  5019: { kind: 'unsupported', code: 'upstream_sdk_deprecated' },
};

/** @returns what the caller sees */
export function explainRefusal(refusal: Refusal): ScarmonitError {
  const { code, message, retryAfterMs } = refusal;
  if (/context (length|window|size)/i.test(message)) {
    return new ScarmonitError('context_length_exceeded', message, { code: 'context_length_exceeded' });
  }
  const meaning = (code === undefined ? undefined : meanings[code]) ?? explainStatus(refusal.status);
  const words = meaning.message ?? message;
  const waitMs = retryAfterMs ?? (code === 3036 ? msUntilNextDay(refusal.now) : meaning.retryAfterMs);
  return new ScarmonitError(meaning.kind, toSentence(words, code), {
    ...(meaning.code === undefined ? {} : { code: meaning.code }),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    cause: message,
  });
}

/** For codes that are not in the table. What Cloudflare says of its own failures stays inside. */
function explainStatus(status = 500): Meaning {
  if (status === 401 || status === 403) {
    return { kind: 'engine_failure', code: 'upstream_auth_failed', message: 'Workers AI refused the API token' };
  }
  if (status === 404 || status === 405) {
    const message = 'Workers AI does not know the account or the model';
    return { kind: 'engine_failure', code: 'upstream_model_not_found', message };
  }
  if (status === 408 || status === 504) return timeout;
  if (status === 413) return { kind: 'payload_too_large' };
  if (status === 429) return { kind: 'rate_limited', message: 'Workers AI has had too many requests. Try again later' };
  if (status >= 400 && status < 500) return schemaError;
  return { kind: 'engine_failure', code: 'upstream_error', message: 'Workers AI failed' };
}

/** With the code, by which Cloudflare's documentation and support know it. */
function toSentence(words: string, code: number | undefined): string {
  const said = words.replace(/[.\s]+$/, '') || 'Workers AI refused the request without saying why';
  return code === undefined ? `${said}.` : `${said} (code ${code}).`;
}

/** The free allowance comes back at midnight UTC: https://developers.cloudflare.com/workers-ai/platform/pricing/ */
function msUntilNextDay(now: number): number {
  const dayMs = 24 * 3_600_000;
  return dayMs - (now % dayMs);
}
