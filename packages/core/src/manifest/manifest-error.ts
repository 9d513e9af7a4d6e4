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

/** A manifest that cannot be used. `message` lists every issue with its line. `code` is `invalid_manifest` but for one reason. */
export class ManifestError extends ScarmonitError {
  readonly issues: readonly ManifestIssue[];

  /** @param code `secret_not_bound`: it is well-formed, and would send a secret where that must not go */
  constructor(issues: readonly ManifestIssue[], code: 'invalid_manifest' | 'secret_not_bound' = 'invalid_manifest') {
    super('invalid_request', describe(issues), { code });
    this.issues = issues;
  }
}

function describe(issues: readonly ManifestIssue[]): string {
  const lines = issues.map(({ line, message }) => (line === undefined ? message : `Line ${line}: ${message}`));
  return lines.length === 1 ? `${lines[0]}` : `The manifest has ${lines.length} problems.\n${lines.join('\n')}`;
}
