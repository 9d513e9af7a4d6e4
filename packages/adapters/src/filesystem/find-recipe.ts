import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Recipe, RecipeRegistry } from '@scarmonit/core/ports/artifact-recipe';

/** @throws ScarmonitError `invalid_request` that lists the recipes there are */
export function findRecipe(registry: RecipeRegistry, name: string): Recipe {
  const recipe = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (recipe === undefined) {
    const known = Object.keys(registry).sort().join(', ');
    throw new ScarmonitError('invalid_request', `there is no artifact recipe "${name}"; known recipes: ${known}`, {
      param: 'artifact.recipe',
    });
  }
  return recipe;
}
