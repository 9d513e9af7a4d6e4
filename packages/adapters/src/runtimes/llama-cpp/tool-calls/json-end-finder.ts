/** Finds where a JSON object or array ends in a text that arrives in pieces. Looks at each character once. */
export class JsonEndFinder {
  #depth = 0;
  #inString = false;
  #escaped = false;

  /**
   * @param piece the next characters; the very first one must open the object or array
   * @returns the index behind the last character of the value, or -1 when it goes on
   */
  push(piece: string): number {
    for (let index = 0; index < piece.length; index++) {
      const char = piece[index];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') this.#inString = true;
      else if (char === '{' || char === '[') this.#depth++;
      else if (char === '}' || char === ']') {
        this.#depth--;
        if (this.#depth === 0) return index + 1;
      }
    }
    return -1;
  }
}
