/**
 * An upstream's embedding as a vector of unit length.
 * @returns undefined for what is no list of finite numbers
 */
export function toUnitVector(embedding: unknown): Float32Array | undefined {
  if (!Array.isArray(embedding) || embedding.length === 0) return undefined;
  const vector = Float32Array.from(embedding, Number);
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (!Number.isFinite(squares)) return undefined;
  const length = Math.sqrt(squares);
  // Most upstreams have done it; dividing again would only add rounding.
  return length === 0 || Math.abs(length - 1) < 1e-4 ? vector : vector.map((value) => value / length);
}
