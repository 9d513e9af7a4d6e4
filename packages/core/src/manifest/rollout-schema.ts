import { z } from 'zod';
import type { ReceiptKind } from '../receipts/receipt.ts';
import { must, number, oneOf, text } from './field-schemas.ts';

const positive = number('above 0', (value) => value > 0);
const percent = number('above 0 and below 100, in percent', (value) => value > 0 && value < 100);
const wholePositive = number('that is whole and above 0', (value) => value > 0 && Number.isSafeInteger(value));

/** What can be evidence for a version before its rollout starts. */
const requirable = [
  'validation',
  'assessment',
  'stress',
  'alert-test',
  'probe',
  'self-test',
] as const satisfies readonly ReceiptKind[];

const shadow = z.strictObject(
  {
    percent: number('above 0 and at most 100, in percent', (value) => value > 0 && value <= 100),
    pairs: wholePositive,
  },
  must('be a mapping, such as { percent: 10, pairs: 1000 }'),
);

/** The section `rollout` of a model. What it leaves out is filled in by `toRolloutSettings`. */
export const rolloutSchema = z
  .strictObject(
    {
      strategy: oneOf(['blue-green', 'canary', 'linear']).optional(),
      steps: z.array(percent, must('be a list of percentages, such as [1, 5, 25, 50]')).optional(),
      shadow: shadow.optional(),
      minBakeMinutes: positive.optional(),
      deadlineHours: positive.optional(),
      falseRollbackBudget: number('above 0 and at most 0.5', (value) => value > 0 && value <= 0.5).optional(),
      detect: number('above 1', (value) => value > 1).optional(),
      promotion: oneOf(['detect', 'prove']).optional(),
      sticky: text(/^(none|key|user|header:[A-Za-z0-9][A-Za-z0-9-]*)$/, 'none, key, user or header:NAME').optional(),
      retentionMinutes: number('0 or more', (value) => value >= 0).optional(),
      require: z
        .array(oneOf(requirable), must('be a list of kinds of receipts, such as [validation, stress]'))
        .optional(),
    },
    must('be a mapping, such as { strategy: canary, steps: [1, 5, 25, 50] }'),
  )
  .superRefine(({ strategy, steps }, context) => {
    if (steps === undefined) return;
    const complain = (message: string) => context.addIssue({ code: 'custom', path: ['steps'], message });
    if (strategy === 'blue-green') {
      if (steps.length > 0) complain('stands beside strategy: blue-green, which switches at once; take it out.');
      return;
    }
    if (steps.length === 0) complain('must hold at least one percentage; for none, choose strategy: blue-green.');
    if (steps.some((step, at) => at > 0 && step <= (steps[at - 1] ?? 0))) {
      complain(`must rise from each step to the next; it is ${steps.join(', ')}.`);
    }
  });

/** The section `maintenance` of a model. */
export const maintenanceSchema = z.strictObject(
  {
    owner: text(/^[^\p{Cc}]+$/u, 'a name, such as ml-team').optional(),
    reviewEveryDays: wholePositive.optional(),
    nextUpdate: text(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2027-01-15')
      .refine((date) => isDate(date), must('be a date that the calendar has, such as 2027-01-15'))
      .optional(),
  },
  must('be a mapping, such as { owner: ml-team, reviewEveryDays: 30 }'),
);

/** Dates that the calendar lacks, such as 30 February, are moved by the parser; that shows them. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
