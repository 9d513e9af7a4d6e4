import type { Pooling } from './parse-config.ts';

/** An output of the graph: f32 in row-major order. */
export interface Output {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface PooledRows {
  /** `[rows, width]`, row-major. */
  readonly values: Float32Array;
  readonly width: number;
}

/**
 * Makes one vector a row out of the graph's output.
 * @param lengths tokens of each row without padding
 * @throws Error when the output's shape is not what the pooling needs
 */
export function poolRows(
  { data, dims }: Output,
  lengths: ArrayLike<number>,
  pooling: Pooling,
  normalize: boolean,
): PooledRows {
  const rank = pooling === 'none' ? 2 : 3;
  const width = dims.at(-1) ?? 0;
  if (dims.length !== rank || dims[0] !== lengths.length || width === 0) {
    throw new Error(`with pooling "${pooling}" the output must have ${rank} dimensions, but its shape is [${dims}]`);
  }
  const values = pooling === 'none' ? data : poolTokens(data, dims[1] ?? 0, width, lengths, pooling);
  if (normalize) for (let row = 0; row < lengths.length; row += 1) scaleToUnit(values, row * width, width);
  return { values, width };
}

function poolTokens(
  data: Float32Array,
  columns: number,
  width: number,
  lengths: ArrayLike<number>,
  pooling: 'mean' | 'cls',
): Float32Array {
  const pooled = new Float32Array(lengths.length * width);
  for (let row = 0; row < lengths.length; row += 1) {
    const start = row * columns * width;
    const tokens = pooling === 'cls' ? 1 : (lengths[row] ?? 0);
    const vector = pooled.subarray(row * width, (row + 1) * width);
    for (let token = 0; token < tokens; token += 1) {
      const offset = start + token * width;
      for (let index = 0; index < width; index += 1) vector[index] = (vector[index] ?? 0) + (data[offset + index] ?? 0);
    }
    for (let index = 0; index < width; index += 1) vector[index] = (vector[index] ?? 0) / tokens;
  }
  return pooled;
}

/** Scales `width` values from `start` on to unit length, in place. A zero vector stays what it is. */
export function scaleToUnit(values: Float32Array, start: number, width: number): void {
  let squares = 0;
  for (let index = start; index < start + width; index += 1) squares += (values[index] ?? 0) ** 2;
  const length = Math.sqrt(squares);
  if (length === 0) return;
  for (let index = start; index < start + width; index += 1) values[index] = (values[index] ?? 0) / length;
}
