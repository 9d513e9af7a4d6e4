/** What people watch, by the part of it that changes together. */
export type Topic = 'requests' | 'rollouts' | 'receipts' | 'keys' | 'models' | 'alerts' | 'anomalies' | 'drift';

/** Tells cheaply, whichever process or isolate wrote, that something has been written. */
export interface ChangeRepository {
  /** A mark for each topic; where it differs from an earlier one, the topic has changed since. */
  readMarks(projectId: string): Promise<Readonly<Record<Topic, string>>>;
}
