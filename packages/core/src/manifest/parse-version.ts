import { z } from 'zod';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Task, VersionSpec } from '../registry/version-spec.ts';
import { checkPlainData } from './check-plain-data.ts';
import { checkVersions, type DeclaredModel } from './check-versions.ts';
import { explainIssue, locateIssue } from './explain-issue.ts';
import { must, text } from './field-schemas.ts';
import type { ManifestDocument } from './manifest.ts';
import { ManifestError, type ManifestIssue } from './manifest-error.ts';
import { semanticVersion, versionBody } from './manifest-schema.ts';
import { toVersionSpec } from './parse-manifest.ts';
import { type ExplainSecretUse, refuseSecretUses } from './secret-uses.ts';

const jsonObject = z.record(z.string(), z.unknown(), must('be a mapping, such as a JSON schema'));
const prose = text(/^[\s\S]*$/, 'text of at most 65536 characters', 65_536);

const cardSchema = z.strictObject(
  {
    text: prose.optional(),
    parent: semanticVersion.optional(),
    license: text(/^\P{Cc}+$/u, 'the name of a licence, such as Apache-2.0').optional(),
    trainedOn: prose.optional(),
    intendedUse: prose.optional(),
    limitations: prose.optional(),
    inputSchema: jsonObject.optional(),
    outputSchema: jsonObject.optional(),
  },
  must('be a mapping, such as { text: "What it is for", parent: 1.0.0 }'),
);

/** What people should know of a version. Text is Markdown. */
export type ModelCard = z.output<typeof cardSchema>;

/** A version as somebody hands it in, apart from the manifest. */
export interface ParsedVersion {
  readonly spec: VersionSpec;
  readonly card: ModelCard | undefined;
}

/** What the version will live among. */
export interface VersionSurroundings {
  readonly model: string;
  readonly version: string;
  readonly task: Task;
  /** All models that are served, for fallbacks. */
  readonly models: Readonly<Record<string, DeclaredModel>>;
  readonly explainSecretUse: ExplainSecretUse;
}

/**
 * Reads a version that stands in a document of its own: what the manifest has under the version's number, and `card`.
 * @throws ManifestError with every issue found, each a sentence that says the fix
 */
export function parseVersion(
  document: ManifestDocument,
  { model, version, task, models, explainSecretUse }: VersionSurroundings,
): ParsedVersion {
  const number = semanticVersion.safeParse(version);
  if (!number.success) {
    throw new ScarmonitError('invalid_request', 'The version must be a semantic version such as 1.0.0.', {
      param: 'version',
    });
  }
  const unfit = [...checkPlainData(document.value)].map(({ path, problem }) => locateIssue(document, path, problem));
  if (unfit.length > 0) throw new ManifestError(unfit);
  const { card: writtenCard, ...body } = toMapping(document.value);
  const parsed = versionBody.safeParse(body);
  const card = cardSchema.optional().safeParse(writtenCard);
  const issues: ManifestIssue[] = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => explainIssue(issue, versionBody, document)),
    ...(card.error?.issues ?? []).flatMap((issue) =>
      explainIssue({ ...issue, path: ['card', ...issue.path] }, z.strictObject({ card: cardSchema }), document),
    ),
  ];
  if (!parsed.success || !card.success) throw new ManifestError(issues);
  const around = models[model] ?? { task, versions: {} };
  const declared = { ...models, [model]: { ...around, versions: { ...around.versions, [version]: parsed.data } } };
  for (const { path, problem } of checkVersions(declared)) {
    if (path[1] === model && path[3] === version) issues.push(locateIssue(document, path.slice(4), problem));
  }
  if (issues.length > 0) throw new ManifestError(issues);
  const spec = toVersionSpec(model, version, task, parsed.data);
  refuseSecretUses(document, [[[], spec]], explainSecretUse);
  return { spec, card: card.data };
}

function toMapping(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ManifestError([
    { path: '', message: 'The version must be a mapping with runtime, and artifact or baseUrl.' },
  ]);
}
