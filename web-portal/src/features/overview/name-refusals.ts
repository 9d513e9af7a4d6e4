import type { RefusalsView } from '@scarmonit/protocol/admin/overview';
import { formatCount } from '../../format/format-number.ts';

const words: Readonly<Record<keyof RefusalsView, string>> = {
  unauthenticated: 'without a valid key',
  forbidden: 'with a key that may not',
  rate_limited: 'over the limit of their key',
  unknown_model: 'for an unknown model',
  unknown_version: 'for an unknown version',
  invalid_request: 'with a body that makes no sense',
  payload_too_large: 'with too large a body',
};

/** What was refused before a model was chosen, in words, most first; undefined when nothing was. */
export function nameRefusals(refused: RefusalsView | null): string | undefined {
  const some = Object.entries(refused ?? {}).filter(([, count]) => count > 0) as [keyof RefusalsView, number][];
  if (some.length === 0) return undefined;
  some.sort(([, one], [, other]) => other - one);
  const all = some.reduce((sum, [, count]) => sum + count, 0);
  const [first] = some;
  const requests = all === 1 ? 'request was' : 'requests were';
  const told =
    some.length === 1 && first !== undefined
      ? words[first[0]]
      : some.map(([reason, count]) => `${formatCount(count)} ${words[reason]}`).join(', ');
  return `${formatCount(all)} ${requests} refused before a model was chosen: ${told}.`;
}
