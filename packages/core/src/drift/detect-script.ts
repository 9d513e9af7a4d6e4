/** Writing systems by their letters, first the one that most texts are in. */
const scripts: readonly (readonly [name: string, letters: RegExp])[] = [
  ['latin', /\p{Script=Latin}/u],
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['greek', /\p{Script=Greek}/u],
  ['arabic', /\p{Script=Arabic}/u],
  ['hebrew', /\p{Script=Hebrew}/u],
  ['devanagari', /\p{Script=Devanagari}/u],
  ['thai', /\p{Script=Thai}/u],
  ['hangul', /\p{Script=Hangul}/u],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['han', /\p{Script=Han}/u],
];

/** Letters of a text that are looked at; they tell its script as well as all do. */
const lettersRead = 32;
const charactersRead = 400;
const letter = /\p{Letter}/u;

/**
 * The writing system of a text's first letters: what most of them are in, `other` for one that is not among ours, `none`
 * without letters. Japanese, which mixes kana and han, is `kana`.
 */
export function detectScript(text: string): string {
  const counts = new Map<string, number>();
  let latin = 0;
  let letters = 0;
  for (let place = 0; place < Math.min(text.length, charactersRead) && letters < lettersRead; place += 1) {
    const code = text.codePointAt(place) ?? 0;
    if (code > 0xffff) place += 1;
    // Most texts have nothing else, and this is a hundred times as fast.
    if (code < 128) {
      if (!isAsciiLetter(code)) continue;
      latin += 1;
    } else {
      const character = String.fromCodePoint(code);
      if (!letter.test(character)) continue;
      const script = scripts.find(([, belongs]) => belongs.test(character))?.[0] ?? 'other';
      counts.set(script, (counts.get(script) ?? 0) + 1);
    }
    letters += 1;
  }
  if (letters === 0) return 'none';
  if (latin === letters) return 'latin';
  counts.set('latin', (counts.get('latin') ?? 0) + latin);
  if ((counts.get('kana') ?? 0) * 10 >= letters) return 'kana';
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

function isAsciiLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
