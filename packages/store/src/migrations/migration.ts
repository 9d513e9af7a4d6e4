import type { Compilable, Kysely } from 'kysely';

/** A step from one schema to the next. Once released it never changes: a mistake is mended by the next one. */
export interface Migration {
  /** 1, 2, 3, … without gaps; the highest one applied is the schema's version. */
  readonly version: number;
  /** Kept beside the version in the database, so that a database of other making is recognised. */
  readonly name: string;
  /**
   * The statements, in order; they are applied as one atomic batch. They may rely on the tables of earlier versions
   * only as those versions made them, hence the untyped schema.
   */
  statements(builder: Kysely<unknown>): readonly Compilable[];
}
