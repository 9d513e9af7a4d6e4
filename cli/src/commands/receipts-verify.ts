import { readFile } from 'node:fs/promises';
import { type ReceiptHeadView, receiptHeadSchema } from '@scarmonit/protocol/admin/receipt';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

interface VerifyOptions extends JsonOption {
  readonly recompute?: true;
  readonly head?: string;
}

export function createReceiptsVerifyCommand(context: CliContext): Command {
  return new Command('verify')
    .description('check the chain of receipts; ends with 1 when anything was edited, removed, reordered or cut off')
    .option('--recompute', 'calculate the verdict of each gate again from its receipt')
    .option('--head <file>', 'a signed head that was kept elsewhere, as JSON; shows a tail that was cut off')
    .addHelpText(
      'after',
      '\nExamples:\n  $ scarmonit receipts verify --recompute\n  $ scarmonit receipts verify --head head.json',
    )
    .action(async (options: VerifyOptions) => {
      const heads = options.head === undefined ? [] : [await readHead(options.head)];
      const evidence = { heads, recompute: options.recompute === true };
      const report = await context.client().admin.verifyReceipts(evidence, { signal: context.signal });
      if (report.problems.length > 0) context.exitWith(exitCodes.failed);
      showResult(context, options, report, () => {
        const { green, red } = context.terminal.colours;
        const verdicts = evidence.recompute ? `, ${report.recomputed} verdicts calculated again` : '';
        const seen = `${report.receipts} receipts and ${report.heads} signed heads checked${verdicts}`;
        if (report.problems.length === 0) {
          return [green(`Nothing was changed: ${seen}.`), `  last hash ${report.last?.hash ?? '-'}`];
        }
        return [
          red(`The chain is not sound: ${seen}.`),
          ...report.problems.map(({ kind, message }) => `  ${kind}: ${message}`),
        ];
      });
    });
}

async function readHead(path: string): Promise<ReceiptHeadView> {
  const text = await readFile(path, 'utf8');
  try {
    return receiptHeadSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(
      `${path} does not hold one signed head as JSON: projectId, sequence, hash, createdAt, keyId and signature.`,
      { cause: error },
    );
  }
}
