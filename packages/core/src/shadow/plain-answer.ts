import type { Hash } from '../ports/hash.ts';

/** What an answer says, without how it was wrapped. */
export type PlainAnswer =
  /** The likeliest label of each input. */
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'vectors'; readonly vectors: readonly ArrayLike<number>[] };

/**
 * The form in which answers and labels are compared: trimmed, in lower case, runs of white space as one space. How
 * somebody writes a label does not matter then.
 */
export function toPlainForm(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

/**
 * What is kept of an answer in place of its text: a label in feedback and an answer that says the same have the same
 * digest, whether it was a class or a text. Several labels stand in lines.
 * @param answer an answer, or a label as somebody wrote it
 * @returns lower-case hex SHA-256; undefined for vectors, of which no two are equal
 */
export function plainAnswerDigest(answer: Exclude<PlainAnswer, { kind: 'vectors' }> | string, hash: Hash): string;
export function plainAnswerDigest(answer: PlainAnswer, hash: Hash): string | undefined;
export function plainAnswerDigest(answer: PlainAnswer | string, hash: Hash): string | undefined {
  if (typeof answer === 'string') return hash.sha256Hex(toPlainForm(answer));
  switch (answer.kind) {
    case 'labels':
      return hash.sha256Hex(answer.labels.map(toPlainForm).join('\n'));
    case 'text':
      return hash.sha256Hex(toPlainForm(answer.text));
    case 'vectors':
      return undefined;
  }
}
