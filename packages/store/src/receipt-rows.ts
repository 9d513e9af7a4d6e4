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
    body: readBody(readText(row, 'body')),
    createdAt: readNumber(row, 'created_at'),
    previousHash: readText(row, 'previous_hash'),
    hash: readText(row, 'hash'),
  };
}

/**
 * The body is hashed as canonical JSON, so a text that is anything else was edited, be it by a space. It is handed out as
 * that text: the receipt has another hash then, and whoever verifies the chain is told which one it is.
 */
function readBody(text: string): Receipt['body'] {
  try {
    const body = JSON.parse(text) as Receipt['body'];
    return canonicalJson(body) === text ? body : { unreadable: text };
  } catch {
    return { unreadable: text };
  }
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
