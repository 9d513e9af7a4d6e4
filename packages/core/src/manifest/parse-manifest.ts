import type { z } from 'zod';
import type { ArtifactPart, VersionSpec } from '../registry/version-spec.ts';
import { checkPlainData } from './check-plain-data.ts';
import { explainIssue, locateIssue } from './explain-issue.ts';
import type { Manifest, ManifestDocument, ModelSpec } from './manifest.ts';
import { ManifestError, type ManifestIssue } from './manifest-error.ts';
import { manifestSchema } from './manifest-schema.ts';

type ModelInput = z.output<typeof manifestSchema>['models'][string];
type VersionInput = ModelInput['versions'][string];
type PartInput = VersionInput['artifact']['from'][number];

/**
 * Checks a manifest and fills in its defaults.
 * @throws ManifestError with every issue found, each a sentence that says the fix; never anything else
 */
export function parseManifest(document: ManifestDocument): Manifest {
  const issues: ManifestIssue[] = [];
  for (const { path, problem } of checkPlainData(document.value)) issues.push(locateIssue(document, path, problem));
  if (issues.length > 0) throw new ManifestError(issues);
  const result = manifestSchema.safeParse(document.value);
  if (!result.success) {
    throw new ManifestError(result.error.issues.flatMap((issue) => explainIssue(issue, manifestSchema, document)));
  }
  return { models: Object.entries(result.data.models).map(([name, model]) => toModelSpec(name, model)) };
}

function toModelSpec(name: string, model: ModelInput): ModelSpec {
  return {
    name,
    task: model.task,
    goals: withoutUndefined(model.goals),
    requirements: withoutUndefined(model.requirements),
    stable: model.stable,
    versions: Object.entries(model.versions).map(([version, body]) => toVersionSpec(name, version, model, body)),
  };
}

function toVersionSpec(name: string, version: string, model: ModelInput, body: VersionInput): VersionSpec {
  return {
    model: name,
    version,
    task: model.task,
    runtime: body.runtime,
    artifact: { sha256: body.artifact.sha256, from: body.artifact.from.map(toPart), recipe: body.artifact.recipe },
    options: body.options,
    prices: body.prices,
    timeoutMs: body.timeoutMs,
    fallbacks: [],
  };
}

function toPart(part: PartInput): ArtifactPart {
  return {
    sources: part.sources,
    sha256: part.sha256,
    name: part.name ?? nameOfSource(part.sources[0] ?? ''),
    ...(part.bytes === undefined ? {} : { bytes: part.bytes }),
  };
}

/** The last path segment, without a query and, for `hf:`, without the revision. */
function nameOfSource(source: string): string {
  const path = source.startsWith('hf:') ? source.replace(/@[^/@]*$/, '') : source.replace(/[?#].*$/, '');
  return path.split(/[/\\:]/).findLast((segment) => segment !== '') ?? 'part';
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}
