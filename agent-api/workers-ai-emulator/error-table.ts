/** A row of Workers AI's table of errors. */
export interface TableError {
  readonly name: string;
  readonly status: number;
  readonly description: string;
}

/**
 * Copied from https://developers.cloudflare.com/workers-ai/platform/errors/ with the placeholders filled in; 3040 says what
 * https://developers.cloudflare.com/workers-ai/features/reject-if-busy/ says. 5006 is not in the table: it is how the
 * platform reports inputs that do not fit a model's schema.
 */
export const errorTable: Readonly<Record<number, TableError>> = {
  3003: { name: 'Incomplete request', status: 400, description: 'Request is missing headers or body: body' },
  3006: { name: 'Request too large', status: 413, description: 'Request is too large' },
  3007: { name: 'Timeout', status: 408, description: 'Request timeout' },
  3008: { name: 'Aborted', status: 408, description: 'Request was aborted' },
  3023: { name: 'Account blocked', status: 403, description: 'Service unavailable for account' },
  3036: {
    name: 'Account limited',
    status: 429,
    description:
      "You have used up your daily free allocation of 10,000 neurons. Please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.",
  },
  3039: {
    name: 'Finetune missing required files',
    status: 400,
    description: 'Finetune is missing required files (model.safetensors and config.json)',
  },
  3040: { name: 'Out of capacity', status: 429, description: 'Capacity temporarily exceeded, please try again.' },
  3041: {
    name: 'Account not allowed for private model',
    status: 403,
    description: 'The account is not allowed to access this model',
  },
  3042: { name: 'Invalid model ID', status: 404, description: 'The model name is invalid' },
  5004: { name: 'Invalid data', status: 400, description: 'Invalid data type for base64 input: number' },
  5005: { name: 'LoRa unsupported', status: 405, description: 'The model does not support LoRa inference' },
  5006: { name: 'Invalid input', status: 400, description: 'Error: the inputs do not fit the schema of the model' },
  5007: { name: 'No such model', status: 400, description: 'No such model or task' },
  5016: { name: 'Model agreement', status: 403, description: 'User has not agreed to Llama3.2 model terms' },
  5018: {
    name: 'Account not allowed for private model',
    status: 403,
    description: 'The account is not allowed to access this model',
  },
  5019: {
    name: 'Deprecated SDK version',
    status: 405,
    description: 'Request trying to use deprecated SDK version',
  },
};

/** A failure that the emulator answers with, by code. */
export class EmulatedError extends Error {
  override readonly name = 'EmulatedError';
  readonly code: number;
  readonly table: TableError;

  /** @param description in place of the table's */
  constructor(code: number, description?: string) {
    const row = errorTable[code];
    if (row === undefined) throw new RangeError(`${code} is not in the table of errors`);
    super(description ?? row.description);
    this.code = code;
    this.table = row;
  }
}
