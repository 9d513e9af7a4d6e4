import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret that receipts are signed with, made at the first start and kept in the data directory, for the owner alone.
 * @throws Error when the file is there and is not a key
 */
export function readSigningKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'signing-key');
  const text = readIfThere(path);
  if (text === undefined) {
    const seed = randomBytes(32);
    writeFileSync(path, `${seed.toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    return seed;
  }
  if (!/^[0-9a-f]{64}\s*$/.test(text)) {
    throw new Error(
      `${path} does not hold a signing key of 64 hex digits. Put the right one back; without it, receipts signed before ` +
        'cannot be told from forged ones.',
    );
  }
  return Buffer.from(text.trim(), 'hex');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
