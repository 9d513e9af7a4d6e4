import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partialFolder } from './artifact-paths.ts';
import { listUnownedFiles } from './owned-files.ts';
import { PARTIAL_EXTENSION } from './partial-file.ts';

/** So long a download that nobody declares may rest before it is given up: `models add` pulls before it declares. */
const patienceMs = 24 * 3_600_000;

export interface UnwantedParts {
  readonly dataDir: string;
  /** Digests of the parts of every declared version: what is left of these is resumed one day. */
  readonly wanted: ReadonlySet<string>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * Removes half-fetched parts that no declared version wants any more, once they have not been written to for a day. What
 * another living process works on stays.
 * @returns the names of the files that are gone, in order
 */
export async function removeUnwantedParts({ dataDir, wanted, now }: UnwantedParts): Promise<readonly string[]> {
  const folder = partialFolder(dataDir);
  const removed: string[] = [];
  for (const name of await listLeftParts(folder)) {
    if (wanted.has(name.slice(0, name.indexOf('.')))) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || now - found.mtimeMs < patienceMs) continue;
    await rm(path, { force: true });
    removed.push(name);
  }
  return removed.sort();
}

/** `SHA256.part`, put back by an interrupted pull, and `SHA256.PID.part` of processes that were killed. */
async function listLeftParts(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return [];
  const idle = names.filter((name) => /^[0-9a-f]{64}\.part$/.test(name));
  return [...idle, ...(await listUnownedFiles(folder, undefined, PARTIAL_EXTENSION))];
}
