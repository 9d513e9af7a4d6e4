import type { NewKey } from '@scarmonit/protocol/admin/key';

/** What stands in the form. */
export interface KeyDraft {
  readonly name: string;
  readonly scopes: NewKey['scopes'];
  readonly models: string;
  readonly requestsPerMinute: string;
  readonly expiresInDays: string;
}

const dayMs = 86_400_000;

/** What the form asks for, or what to change in it. Empty fields are no limits; a number that is none is not one. */
export function toNewKey(draft: KeyDraft, now: number): NewKey | string {
  const name = draft.name.trim();
  if (name === '') return 'Give it a name, such as what will use it.';
  if (draft.scopes.length === 0) return 'Choose what it may do.';
  const requestsPerMinute = readWhole(draft.requestsPerMinute);
  const days = readWhole(draft.expiresInDays);
  if (Number.isNaN(requestsPerMinute) || Number.isNaN(days)) return 'Limits are whole numbers, from 1 on.';
  const models = draft.models.split(',').flatMap((model) => model.trim() || []);
  return {
    name,
    scopes: draft.scopes,
    ...(models.length === 0 ? {} : { models }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(days === undefined ? {} : { expiresAt: now + days * dayMs }),
  };
}

/** NaN for what is no whole number from 1 on; undefined for nothing. */
function readWhole(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^[1-9]\d{0,8}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}
