/** A level is kept to 0.17, that is 9 % of the value either way: 90 steps reach from 0 to 3.6 million. */
const step = 0.17;
const steps = 90;
/** Printable characters of one byte, but for those that JSON escapes. */
const firstCode = 35;
const backslash = 92;

/** Keeps a level at a place; 0 is the mark of what was never written. */
export function writeLevel(levels: Uint8Array, place: number, level: number): void {
  levels[place] = 1 + Math.min(steps - 2, Math.max(0, Math.round(level / step)));
}

export function readLevel(levels: Uint8Array, place: number): number | undefined {
  const kept = levels[place] ?? 0;
  return kept === 0 ? undefined : (kept - 1) * step;
}

/** A character a level; what was never written at the end is left out. */
export function encodeLevels(levels: Uint8Array): string {
  let last = levels.length;
  while (last > 0 && levels[last - 1] === 0) last -= 1;
  let text = '';
  for (let place = 0; place < last; place += 1) {
    const code = firstCode + (levels[place] ?? 0);
    text += String.fromCharCode(code >= backslash ? code + 1 : code);
  }
  return text;
}

/** Reads what {@link encodeLevels} wrote. */
export function decodeLevels(text: string, length: number): Uint8Array {
  const levels = new Uint8Array(length);
  for (let place = 0; place < Math.min(length, text.length); place += 1) {
    const code = text.charCodeAt(place);
    levels[place] = code - firstCode - (code > backslash ? 1 : 0);
  }
  return levels;
}
