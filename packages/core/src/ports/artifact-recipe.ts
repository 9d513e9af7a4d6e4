/** A fetched part, its digest already checked. */
export interface RecipePart {
  /** The name that the manifest gives it; recipes tell parts apart by it. */
  readonly name: string;
  /** A local file. Recipes read it and leave it alone. */
  readonly path: string;
}

/**
 * Turns parts into the bytes of the finished artifact, in order. Deterministic: the same parts give the same bytes on
 * each machine, whatever the time, the time zone and the locale.
 * @throws ScarmonitError `invalid_request` when the parts are not what the recipe needs
 */
export type Recipe = (parts: readonly RecipePart[]) => AsyncIterable<Uint8Array>;

/** Recipes by the name that `artifact.recipe` uses. */
export type RecipeRegistry = Readonly<Record<string, Recipe>>;
