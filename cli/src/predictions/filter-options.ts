import type { PredictionFilterQuery } from '@scarmonit/protocol/admin/prediction';
import { outcomeSchema } from '@scarmonit/protocol/admin/prediction';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAmount } from '../parse-arguments.ts';

/** The filters that every command over recorded requests has, as commander gives them. */
export interface FilterOptions {
  readonly model?: string;
  readonly version?: string;
  readonly outcome?: PredictionFilterQuery['outcome'];
  readonly key?: string;
  readonly request?: string;
  readonly minLatency?: number;
}

/** Of commands that look back. */
export interface TimeOptions {
  readonly since?: number;
  readonly until?: number;
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--model <name>', 'of one model')
    .option('--version <version>', 'of one version')
    .addOption(new Option('--outcome <outcome>', 'that ended so').choices(outcomeSchema.options))
    .option('--key <id>', 'of one key, by its id')
    .option('--request <id>', 'with this x-request-id')
    .option('--min-latency <ms>', 'that took at least so long', parseAmount);
}

export function addTimeOptions(command: Command): Command {
  return command
    .option(
      '--since <time>',
      'that began at this time or later, such as 2027-01-31T13:05Z, or 2h for two hours ago',
      parsePast,
    )
    .option('--until <time>', 'that began before this time', parsePast);
}

/** The query that the options ask for. */
export function toFilterQuery(options: FilterOptions & TimeOptions): PredictionFilterQuery {
  const { model, version, outcome, key, request, minLatency, since, until } = options;
  const query = { model, version, outcome, keyId: key, requestId: request, minLatencyMs: minLatency, since, until };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as it is written, or a span before now; milliseconds since the Unix epoch. */
function parsePast(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const time = count === undefined ? Date.parse(text) : Date.now() - Number(count) * (unitMs[unit] ?? Number.NaN);
  if (Number.isFinite(time)) return Math.max(0, Math.floor(time));
  throw new InvalidArgumentError('Give a time such as 2027-01-31T13:05Z, or a span such as 90s, 15m, 2h or 7d.');
}
