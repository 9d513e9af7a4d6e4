import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ExportFormat } from '@scarmonit/protocol/admin/prediction';
import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatBytes } from '../format-units.ts';
import {
  addFilterOptions,
  addTimeOptions,
  type FilterOptions,
  type TimeOptions,
  toFilterQuery,
} from '../predictions/filter-options.ts';

interface ExportOptions extends JsonOption, FilterOptions, TimeOptions {
  readonly format: ExportFormat;
  readonly output?: string;
}

export function createPredictionsExportCommand(context: CliContext): Command {
  const command = new Command('export').description('all requests that match, newest first, as a file');
  return addTimeOptions(addFilterOptions(command))
    .addOption(new Option('--format <format>', 'how it is written').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--output <file>', 'where to; default: standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ scarmonit predictions export --since 7d --format csv --output week.csv\n  $ scarmonit predictions export --model support-chat | jq -s length',
    )
    .action(async (options: ExportOptions) => {
      const query = { ...toFilterQuery(options), format: options.format };
      const { signal } = context;
      const bytes = await context.client().admin.exportPredictions(query, { signal });
      if (options.output === undefined) {
        await pipeline(bytes, context.terminal.stdout, { signal, end: false });
        return;
      }
      const { output: file } = options;
      const size = await writeWhole(bytes, file, signal);
      showResult(context, options, { file, bytes: size }, () => [`Wrote ${formatBytes(size)} to ${file}.`]);
    });
}

/** A file of that name holds all or is not there. @returns its size in bytes */
async function writeWhole(bytes: AsyncIterable<Uint8Array>, file: string, signal: AbortSignal): Promise<number> {
  const partial = `${file}.part`;
  const stream = createWriteStream(partial, { mode: 0o600 });
  try {
    await pipeline(bytes, stream, { signal });
    await rename(partial, file);
    return stream.bytesWritten;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
