/** A copy without the fields that are null or undefined, which mean the same on the wire. */
export function dropNullish<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== null && value !== undefined) {
      kept[name] = value;
    }
  }
  return kept;
}
