/** Line ends to some readers of event streams, though not to the standard; JSON leaves them as they are. */
const unicodeLineEnds = /[\u0085\u2028\u2029]/g;

const escapeLineEnd = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON on one line, whoever reads it: `JSON.stringify` escapes CR and LF, and this the rest. */
export function toWireJson(value: unknown): string {
  return JSON.stringify(value).replace(unicodeLineEnds, escapeLineEnd);
}
