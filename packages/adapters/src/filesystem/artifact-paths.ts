import { join } from 'node:path';

/** Where the finished artifacts of a data directory are, each under its SHA-256 in lower-case hex. */
export function finishedFolder(dataDir: string): string {
  return join(dataDir, 'artifacts', 'sha256');
}

/** Where the files are that pulls are working on, or have left for the next. */
export function partialFolder(dataDir: string): string {
  return join(dataDir, 'artifacts', 'partial');
}

/** Where it says what finished artifacts were like when their bytes were checked. */
export function verifiedFolder(dataDir: string): string {
  return join(dataDir, 'artifacts', 'verified');
}
