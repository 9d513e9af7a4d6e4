const words =
  'the a cat dog house river mountain quick slow bright dark happy reads writes walks over under near book letter city'.split(
    ' ',
  );

/** A sentence of 6 to 18 words, the same for the same number. */
export function sentence(number: number): string {
  let state = (number + 1) * 2_654_435_761;
  const next = (): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    return state;
  };
  return Array.from({ length: 6 + (next() % 13) }, () => words[next() % words.length]).join(' ');
}
