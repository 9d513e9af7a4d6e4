import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';

/** Evidence of one gate at one time. */
export interface GatePoint {
  readonly at: number;
  readonly logE: number;
  /** The receipt that says so; undefined for what was only seen here. */
  readonly receipt?: number;
}

/** What the receipts of a rollout say of one gate, oldest first. */
export function readGatePoints(receipts: readonly ReceiptView[], gateId: string): readonly GatePoint[] {
  return receipts
    .flatMap(({ kind, body, createdAt, sequence }): GatePoint[] => {
      if (kind !== 'gate') return [];
      const { gate, reading } = body as {
        readonly gate?: { readonly id?: unknown };
        readonly reading?: { readonly logE?: unknown };
      };
      return gate?.id === gateId && typeof reading?.logE === 'number'
        ? [{ at: createdAt, logE: reading.logE, receipt: sequence }]
        : [];
    })
    .sort((one, other) => one.at - other.at);
}
