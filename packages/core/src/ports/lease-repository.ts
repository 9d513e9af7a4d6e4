/** Lets one of several processes do what only one may do. */
export interface LeaseRepository {
  /**
   * Takes or renews the lease.
   * @param now and `until`, milliseconds since the Unix epoch: it is free again at `until` for whoever asks
   * @returns false while another holder's has not run out
   */
  hold(name: string, holder: string, now: number, until: number): Promise<boolean>;
  /** Gives it back, if it is held by this holder. */
  release(name: string, holder: string): Promise<void>;
}
