const key = '"model"';
const quote = 0x22;
const backslash = 0x5c;

/**
 * Puts another name into the `model` field of JSON text without parsing it. Quotes within JSON strings are escaped, so
 * `"model"` before a colon can be nothing but a key.
 * @param quotedName the new name as a JSON string
 * @returns undefined when it cannot be sure: no such key, several, or a value that is no plain string
 */
export function replaceModel(json: string, quotedName: string): string | undefined {
  let found: { readonly start: number; readonly end: number } | undefined;
  for (let at = json.indexOf(key); at !== -1; at = json.indexOf(key, at + key.length)) {
    const colon = skipSpace(json, at + key.length);
    if (json[colon] !== ':') continue;
    const start = skipSpace(json, colon + 1);
    if (found !== undefined || json.charCodeAt(start) !== quote) return undefined;
    const end = json.indexOf('"', start + 1);
    if (end === -1 || json.charCodeAt(end - 1) === backslash) return undefined;
    found = { start, end: end + 1 };
  }
  return found === undefined ? undefined : json.slice(0, found.start) + quotedName + json.slice(found.end);
}

/** Where the next character that is no white space (RFC 8259, section 2) stands. */
export function skipSpace(json: string, from: number): number {
  let at = from;
  for (let code = json.charCodeAt(at); code === 0x20 || (code >= 0x09 && code <= 0x0d); code = json.charCodeAt(at))
    at += 1;
  return at;
}
