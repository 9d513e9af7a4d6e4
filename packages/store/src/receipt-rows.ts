import { canonicalJson } from '@scarmonit/core/manifest/canonical-json';
import type { SqlRow } from '@scarmonit/core/ports/sql-database';
import type { Receipt, ReceiptHead, ReceiptKind } from '@scarmonit/core/receipts/receipt';
import { readNumber, readOptionalText, readText } from './read-row.ts';
import type { ReceiptHeadRow, ReceiptRow } from './rollout-schema.ts';

export function toReceiptRow(receipt: Receipt): ReceiptRow {
  return {
    project_id: receipt.projectId,
    sequence: receipt.sequence,
    kind: receipt.kind,
    model: receipt.model,
    version: receipt.version,
    version_digest: receipt.versionDigest,
    rollout_id: receipt.rolloutId ?? null,
    body: canonicalJson(receipt.body),
    created_at: receipt.createdAt,
    previous_hash: receipt.previousHash,
    hash: receipt.hash,
  };
}

export function toReceipt(row: SqlRow): Receipt {
  const rolloutId = readOptionalText(row, 'rollout_id');
  return {
    projectId: readText(row, 'project_id'),
    sequence: readNumber(row, 'sequence'),
    kind: readText(row, 'kind') as ReceiptKind,
    model: readText(row, 'model'),
    version: readText(row, 'version'),
    versionDigest: readText(row, 'version_digest'),
    ...(rolloutId === undefined ? {} : { rolloutId }),
    body: JSON.parse(readText(row, 'body')) as Receipt['body'],
    createdAt: readNumber(row, 'created_at'),
    previousHash: readText(row, 'previous_hash'),
    hash: readText(row, 'hash'),
  };
}

export function toHeadRow(head: ReceiptHead): ReceiptHeadRow {
  return {
    project_id: head.projectId,
    sequence: head.sequence,
    hash: head.hash,
    created_at: head.createdAt,
    key_id: head.keyId,
    signature: head.signature,
  };
}

export function toHead(row: SqlRow): ReceiptHead {
  return {
    projectId: readText(row, 'project_id'),
    sequence: readNumber(row, 'sequence'),
    hash: readText(row, 'hash'),
    createdAt: readNumber(row, 'created_at'),
    keyId: readText(row, 'key_id'),
    signature: readText(row, 'signature'),
  };
}
