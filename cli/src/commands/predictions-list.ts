import type { PredictionQuery } from '@scarmonit/client/create-prediction-client';
import type { PredictionPage, PredictionView } from '@scarmonit/protocol/admin/prediction';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { parseCount } from '../parse-arguments.ts';
import {
  addFilterOptions,
  addTimeOptions,
  type FilterOptions,
  type TimeOptions,
  toFilterQuery,
} from '../predictions/filter-options.ts';
import { predictionHeadings, toPredictionCells } from '../predictions/format-prediction.ts';

interface ListOptions extends JsonOption, FilterOptions, TimeOptions {
  readonly limit: number;
  readonly before?: string;
}

/** Of one page. */
const mostAtOnce = 1_000;

export function createPredictionsListCommand(context: CliContext): Command {
  const command = new Command('list').description('requests, newest first');
  return addTimeOptions(addFilterOptions(command))
    .option('--limit <number>', 'rows', parseCount, 50)
    .option('--before <id>', 'older than this record')
    .addHelpText('after', '\nExample:\n  $ scarmonit predictions list --outcome error --since 2h')
    .action(async (options: ListOptions) => {
      const page = await listUpTo(context, options);
      showResult(context, options, page, () => {
        if (page.data.length === 0) return ['There are no such requests.'];
        const rows = page.data.map(toPredictionCells);
        const table = formatTable([predictionHeadings, ...rows], context.terminal.colours.bold);
        return page.nextBefore === null ? table : [...table, `There may be more: --before ${page.nextBefore}`];
      });
    });
}

/** Page after page, since one may end before it is full. */
async function listUpTo(context: CliContext, { limit, before, ...options }: ListOptions): Promise<PredictionPage> {
  const filter = toFilterQuery(options);
  const data: PredictionView[] = [];
  let next = before;
  do {
    const missing = Math.min(limit - data.length, mostAtOnce);
    const query: PredictionQuery = { ...filter, limit: missing, ...(next === undefined ? {} : { before: next }) };
    const page = await context.client().admin.listPredictions(query, { signal: context.signal });
    data.push(...page.data);
    next = page.nextBefore ?? undefined;
  } while (next !== undefined && data.length < limit);
  return { data, nextBefore: next ?? null };
}
