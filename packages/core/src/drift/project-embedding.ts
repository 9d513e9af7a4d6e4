/** How many directions embeddings are looked at from. A shift of their centroid is a shift in most of them. */
export const projections = 4;

/** Half a standard deviation of vectors that point anywhere. */
const binWidth = 0.5;
const outermostBin = 6;

/**
 * In which bin an embedding falls in each direction. A direction is a fixed sign for each coordinate, so that for vectors
 * that point anywhere the projections have a standard deviation of 1, whatever their length and number of coordinates.
 * @see Achlioptas 2003, "Database-friendly random projections", J. Comput. Syst. Sci. 66(4)
 */
export function projectEmbedding(vector: Float32Array): readonly number[] {
  const sums = new Float64Array(projections);
  let squares = 0;
  for (let place = 0; place < vector.length; place += 1) {
    const value = vector[place] ?? 0;
    squares += value * value;
    const signs = mixBits(place);
    for (let direction = 0; direction < projections; direction += 1) {
      sums[direction] = (sums[direction] ?? 0) + ((signs >>> direction) & 1 ? value : -value);
    }
  }
  const length = Math.sqrt(squares);
  return Array.from(sums, (sum) => {
    const bin = Math.round(length === 0 ? 0 : sum / length / binWidth);
    return Math.max(-outermostBin, Math.min(outermostBin, bin));
  });
}

/** Bits that look random and follow from a number: the finalizer of MurmurHash3 by Austin Appleby. */
function mixBits(number: number): number {
  let bits = Math.imul(number + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
