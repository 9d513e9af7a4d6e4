import type { Measure } from '../../format/format-number.ts';

/** One figure, ready to be shown. */
export interface Figure {
  readonly title: string;
  /** Of what time or sample it is. */
  readonly of?: string;
  /** Absent when it is not known; then `why` says why. */
  readonly measure?: Measure;
  readonly why?: string;
  /** A small word beside it. */
  readonly note?: string;
  readonly goal?: {
    readonly text: string;
    /** Undefined: nothing can be said. */
    readonly isMet: boolean | undefined;
    /** What is left of the budget, 1 to 0, below that overspent; undefined for goals that have none. */
    readonly budgetLeft: number | undefined;
  };
  readonly series?: readonly (number | null)[];
  /** In the unit of the series. */
  readonly goalLine?: number;
}
