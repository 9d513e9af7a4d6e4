import { toWireJson } from './to-wire-json.ts';

/** Stands where the varying text goes; a private-use character that JSON leaves as it is and no field contains. */
export const hole = '\uE000scarmonit-hole\uE000';

/**
 * Serialises a payload once and cuts it at the {@link hole}s, so that each event of a stream costs one
 * `JSON.stringify` of what varies and a concatenation.
 * @returns the pieces around the holes, one more than there are holes
 */
export function splitTemplate(payload: object): readonly string[] {
  return toWireJson(payload).split(`"${hole}"`);
}
