import { hash } from 'node:crypto';
import type { Hash } from '@scarmonit/core/ports/hash';

/** SHA-256 by Node's one-shot `crypto.hash`, which makes no hash object. */
export function createNodeHash(): Hash {
  return { sha256Hex: (text) => hash('sha256', text, 'hex') };
}
