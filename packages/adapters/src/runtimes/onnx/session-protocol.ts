import type { OnnxConfig } from './parse-config.ts';

/** What the engine and the thread of its session say to each other. Each message but `close` is answered by one. */
export type ToSession =
  | { readonly type: 'open'; readonly model: Uint8Array; readonly config: OnnxConfig; readonly threads: number }
  | ({ readonly type: 'run' } & PaddedRows)
  /** Free the model and end the thread. */
  | { readonly type: 'close' };

export type FromSession =
  | { readonly type: 'opened' }
  /** `[rows, width]`, row-major. */
  | { readonly type: 'rows'; readonly values: Float32Array; readonly width: number }
  | { readonly type: 'failed'; readonly message: string };

export interface PaddedRows {
  /** Token ids, `[rows, columns]`, row-major. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** Tokens of each row without the padding. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly rows: number;
  readonly columns: number;
}
