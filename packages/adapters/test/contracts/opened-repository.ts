/** A repository for one test. */
export interface OpenedRepository<Repository> {
  readonly repository: Repository;
  close(): Promise<void>;
}
