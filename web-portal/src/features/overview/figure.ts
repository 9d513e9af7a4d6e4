import type { Measure } from '../../format/format-number.ts';

/** One of the eight figures, ready to be shown. */
export interface Figure {
  readonly title: string;
  /** Absent when it is not known; then `why` says why. */
  readonly measure?: Measure;
  readonly why?: string;
  /** A small word on what it is of, such as the window. */
  readonly note?: string;
  readonly goal?: { readonly text: string; readonly isMet: boolean | undefined };
  readonly series?: readonly (number | null)[];
  /** In the unit of the series. */
  readonly goalLine?: number;
}
