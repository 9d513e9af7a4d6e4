import { setTimeout } from 'node:timers/promises';
import { ScarmonitApiError } from '@scarmonit/client/scarmonit-api-error';
import type { Inferer } from './create-inferer.ts';

/** How often a request that comes too early (429, 503) is sent again before the batch gives up. */
const mostRetries = 10;

export interface LinesOptions {
  /** How many lines are asked for together. */
  readonly linesAtOnce: number;
  readonly signal: AbortSignal;
}

interface Line {
  readonly text: string;
  /** What the answer carries over. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/**
 * Answers JSON lines one by one, in their order. When a request is refused, its lines are asked for one at a time, so
 * that a bad line fails alone.
 * @param write takes one line of JSON
 * @returns how many lines failed
 * @throws what stops all lines alike: no server, no permission, an interrupt
 */
export async function inferLines(
  lines: AsyncIterable<string>,
  infer: Inferer,
  write: (line: string) => void,
  { linesAtOnce, signal }: LinesOptions,
): Promise<number> {
  let failures = 0;
  const answer = async (batch: readonly Line[]): Promise<void> => {
    try {
      const answers = await retryWhenEarly(() => infer(batch.map(({ text }) => text)), signal);
      for (const [index, { rest }] of batch.entries()) write(JSON.stringify({ ...rest, ...answers[index]?.value }));
    } catch (error) {
      if (!isAboutTheText(error)) throw error;
      if (batch.length > 1) {
        for (const line of batch) await answer([line]);
        return;
      }
      failures += 1;
      write(JSON.stringify({ ...batch[0]?.rest, error: { message: error.message, code: error.code ?? null } }));
    }
  };

  let batch: Line[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await answer(batch);
    batch = [];
  };
  for await (const source of lines) {
    const line = parseLine(source);
    if (line === undefined) {
      await flush();
      failures += 1;
      write(
        JSON.stringify({
          error: { message: 'The line must be a JSON string or an object with "text".', code: 'invalid_line' },
        }),
      );
      continue;
    }
    batch.push(line);
    if (batch.length === linesAtOnce) await flush();
  }
  await flush();
  return failures;
}

async function retryWhenEarly<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let retries = 0; ; retries++) {
    try {
      return await ask();
    } catch (error) {
      const waitMs = error instanceof ScarmonitApiError ? error.retryAfterMs : undefined;
      if (waitMs === undefined || retries === mostRetries) throw error;
      await setTimeout(waitMs, undefined, { signal });
    }
  }
}

function isAboutTheText(error: unknown): error is ScarmonitApiError {
  return error instanceof ScarmonitApiError && (error.status === 400 || error.status === 413);
}

function parseLine(source: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return undefined;
  }
  if (typeof value === 'string') return { text: value, rest: {} };
  if (typeof value !== 'object' || value === null || !('text' in value) || typeof value.text !== 'string')
    return undefined;
  const { text, ...rest } = value;
  return { text, rest };
}
