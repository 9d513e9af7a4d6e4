/** How many directions embeddings are looked at from. A shift of their centroid is a shift in most of them. */
const projections = 4;

/** Half a standard deviation of vectors that point anywhere. */
const binWidth = 0.5;
const outermostBin = 6;

/** The four signs of each coordinate, 1 and −1, in a row; as long as the longest vector so far. */
let signs = new Float64Array(0);

/**
 * In which bin an embedding falls in each direction. A direction is a fixed sign for each coordinate, so that for vectors
 * that point anywhere the projections have a standard deviation of 1, whatever their length and number of coordinates.
 * @see Achlioptas 2003, "Database-friendly random projections", J. Comput. Syst. Sci. 66(4)
 */
export function projectEmbedding(vector: Float32Array): readonly number[] {
  if (signs.length < vector.length * projections) signs = drawSigns(vector.length);
  let [first, second, third, fourth, squares] = [0, 0, 0, 0, 0];
  for (let place = 0, at = 0; place < vector.length; place += 1, at += projections) {
    const value = vector[place] ?? 0;
    squares += value * value;
    first += value * (signs[at] ?? 0);
    second += value * (signs[at + 1] ?? 0);
    third += value * (signs[at + 2] ?? 0);
    fourth += value * (signs[at + 3] ?? 0);
  }
  const length = Math.sqrt(squares);
  return [first, second, third, fourth].map((sum) => {
    const bin = Math.round(length === 0 ? 0 : sum / length / binWidth);
    return Math.max(-outermostBin, Math.min(outermostBin, bin));
  });
}

function drawSigns(coordinates: number): Float64Array<ArrayBuffer> {
  const drawn = new Float64Array(coordinates * projections);
  for (let place = 0; place < coordinates; place += 1) {
    const bits = mixBits(place);
    for (let direction = 0; direction < projections; direction += 1) {
      drawn[place * projections + direction] = (bits >>> direction) & 1 ? 1 : -1;
    }
  }
  return drawn;
}

/** Bits that look random and follow from a number: the finalizer of MurmurHash3 by Austin Appleby. */
function mixBits(number: number): number {
  let bits = Math.imul(number + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
