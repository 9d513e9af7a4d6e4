import type { GbnfRules } from './gbnf-rules.ts';
import { literal } from './gbnf-rules.ts';

/**
 * At most one space where JSON allows any amount of whitespace: small models fall into endless whitespace, and a
 * grammar that allows none of it costs nothing.
 */
export const space = '" "?';

/** One character of a JSON string, escaped where it must be; never half of a surrogate pair (RFC 8259, 7 and 8.2). */
export function stringChar(rules: GbnfRules): string {
  const hex = '[0-9a-fA-F]';
  const unit = `([0-9a-cA-CefEF] ${hex} ${hex} ${hex} | [dD] [0-7] ${hex} ${hex})`;
  return rules.add(`[^"\\\\\\x00-\\x1F\\x7F] | "\\\\" (["\\\\/bfnrt] | "u" ${unit})`);
}

export function anyString(rules: GbnfRules): string {
  return rules.add(`"\\"" ${stringChar(rules)}* "\\""`);
}

/** Fraction and exponent, each of bounded length, so that no answer is an endless row of digits. */
export const fraction = '("." [0-9]{1,15})?';
const exponent = '([eE] [-+]? [0-9]{1,2})?';

export function anyNumber(rules: GbnfRules): string {
  return rules.add(`"-"? ("0" | [1-9] [0-9]{0,14}) ${fraction} ${exponent}`);
}

export function anyObject(rules: GbnfRules): string {
  return mapOf(rules, anyValue(rules));
}

/** An object with any keys, whose values match `value`. */
export function mapOf(rules: GbnfRules, value: string): string {
  const entry = rules.add(`${anyString(rules)} ${literal(':')} ${space} ${value}`);
  return rules.add(`"{" (${entry} ("," ${space} ${entry})*)? "}"`);
}

const valueNames = new WeakMap<GbnfRules, string>();

/** Any JSON value. */
export function anyValue(rules: GbnfRules): string {
  const known = valueNames.get(rules);
  if (known !== undefined) return known;
  const name = rules.reserve();
  valueNames.set(rules, name);
  const list = rules.add(`"[" (${name} ("," ${space} ${name})*)? "]"`);
  rules.define(
    name,
    [anyObject(rules), list, anyString(rules), anyNumber(rules), '"true"', '"false"', '"null"'].join(' | '),
  );
  return name;
}
