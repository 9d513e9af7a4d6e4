import { ScarmonitError } from '../errors/scarmonit-error.ts';

/** One thing to change in a manifest. */
export interface ManifestIssue {
  /** Where, as written in code: `models.support-chat.versions["1.0.0"].runtime`; empty for the whole file. */
  readonly path: string;
  /** From 1, where known. */
  readonly line?: number;
  /** A plain sentence that says the fix. */
  readonly message: string;
}

/** A manifest that cannot be used. `message` lists every issue with its line. */
export class ManifestError extends ScarmonitError {
  readonly issues: readonly ManifestIssue[];

  constructor(issues: readonly ManifestIssue[]) {
    super('invalid_request', describe(issues), { code: 'invalid_manifest' });
    this.issues = issues;
  }
}

function describe(issues: readonly ManifestIssue[]): string {
  const lines = issues.map(({ line, message }) => (line === undefined ? message : `Line ${line}: ${message}`));
  return lines.length === 1 ? `${lines[0]}` : `The manifest has ${lines.length} problems.\n${lines.join('\n')}`;
}
