/** The next number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/**
 * Numbers that look random and are the same for the same seed on every machine: sfc32 by Chris Doty-Humphrey (PractRand),
 * 32 bits each, a period of at least 2³². For simulations, never for secrets.
 * @param seed a whole number
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
