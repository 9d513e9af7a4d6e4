/** Remembers which versions were registered, so that editing one is noticed. */
export interface VersionRepository {
  /** The digest that a version was registered with, or undefined when it never was. */
  find(projectId: string, model: string, version: string): Promise<string | undefined>;
  /** The declaration that a version was registered with, as JSON; undefined when it never was, or by a build that kept none. */
  findDeclaration(projectId: string, model: string, version: string): Promise<string | undefined>;
  /** When the first version of each model was registered, in milliseconds since the epoch, by model. */
  firstRegistrations(projectId: string): Promise<ReadonlyMap<string, number>>;
  /**
   * Registers a version by the digest of its declaration. The first registration stays for ever.
   * @param specDigest lower-case hex SHA-256 of the declaration in a canonical form
   * @param createdAt milliseconds since the Unix epoch; kept for the first registration only
   * @param declaration JSON of the whole declaration, without secrets
   * @returns `registered` when it is new, `same` when it is known with this digest, `different` when with another
   */
  register(
    projectId: string,
    model: string,
    version: string,
    specDigest: string,
    createdAt: number,
    declaration: string,
  ): Promise<'registered' | 'same' | 'different'>;
}
