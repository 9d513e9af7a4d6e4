import type { RecipeRegistry } from '@scarmonit/core/ports/artifact-recipe';
import { concatParts } from './concat-parts.ts';
import { tarParts } from './tar-parts.ts';
import { convertUseLiteEncoder, convertUseLiteSentiment } from './use-lite/convert-use-lite.ts';

/** The recipes that every host knows. What a recipe writes may never change under its name: digests are pinned. */
export const builtInRecipes: RecipeRegistry = {
  concat: concatParts,
  tar: tarParts,
  'use-lite-to-onnx': convertUseLiteEncoder,
  'use-lite-sentiment-to-onnx': convertUseLiteSentiment,
};
