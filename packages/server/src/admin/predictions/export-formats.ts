import { type ExportFormat, type PredictionView, predictionSchema } from '@scarmonit/protocol/admin/prediction';

/** How a file of records is written. */
interface Writing {
  readonly contentType: string;
  /** Before the first record. */
  readonly heading: string;
  /** With the end of its line. */
  writeRow(row: PredictionView): string;
}

const columns = Object.keys(predictionSchema.shape) as readonly (keyof PredictionView)[];

export const writingOf: Readonly<Record<ExportFormat, Writing>> = {
  ndjson: {
    contentType: 'application/x-ndjson',
    heading: '',
    writeRow: (row) => `${JSON.stringify(row)}\n`,
  },
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    heading: `${columns.join(',')}\r\n`,
    writeRow: (row) => `${columns.map((column) => toCell(column, row[column])).join(',')}\r\n`,
  },
};

function toCell(column: keyof PredictionView, value: PredictionView[keyof PredictionView]): string {
  if (value === null) return '';
  if (column === 'createdAt') return new Date(Number(value)).toISOString();
  return typeof value === 'string' ? quote(value) : String(value);
}

/**
 * A text as a cell (RFC 4180). Clients choose the ids of their requests: one that a spreadsheet would take for a formula
 * gets an apostrophe in front.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function quote(text: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
