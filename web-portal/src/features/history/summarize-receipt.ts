import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';
import { isNamedGate, nameGate } from '../rollouts/name-gate.ts';

/** One line of a receipt's body. Bodies differ by kind and age, so what is looked for may be missing. */
export function summarizeReceipt({ kind, body }: Pick<ReceiptView, 'kind' | 'body'>): string {
  if (kind === 'gate') {
    const gate = isNamedGate(body['gate']) ? nameGate(body['gate']) : (textAt(body, 'gate', 'id') ?? 'gate');
    return `${gate}: ${textAt(body, 'reading', 'verdict') ?? 'no verdict'}`;
  }
  const phase = textAt(body, 'phase');
  const reason = textAt(body, 'reason');
  const told = [phase, reason].filter((part) => part !== undefined);
  return told.length === 0 ? 'its contents' : told.join(': ');
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return typeof found === 'string' && found !== '' ? found : undefined;
}
