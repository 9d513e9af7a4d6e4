import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { RecipePart } from '@scarmonit/core/ports/artifact-recipe';

/** @throws ScarmonitError `invalid_request` that names the part that is missing and those that are there */
export function findPart(parts: readonly RecipePart[], name: string): RecipePart {
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined) {
    const names = parts.map((candidate) => candidate.name).join(', ');
    throw new ScarmonitError('invalid_request', `the recipe needs a part named "${name}"; the parts are: ${names}`, {
      param: 'artifact.from',
    });
  }
  return part;
}
