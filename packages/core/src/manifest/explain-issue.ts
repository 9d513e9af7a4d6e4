import { z } from 'zod';
import { findNearestKey } from './find-nearest-key.ts';
import { formatPath } from './format-path.ts';
import type { DocumentPath, ManifestDocument } from './manifest.ts';
import type { ManifestIssue } from './manifest-error.ts';

/** Turns what the schema found into sentences with lines. One issue becomes several when it names several keys. */
export function explainIssue(issue: z.core.$ZodIssue, schema: z.ZodType, document: ManifestDocument): ManifestIssue[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(schema, path, document.value);
    return issue.keys.map((key) => locateIssue(document, [...path, key], explainUnknownKey(key, known)));
  }
  if (issue.code === 'invalid_key') {
    return [
      locateIssue(
        document,
        path,
        issue.issues[0]?.message.replace('must be', 'is a name that must be') ?? 'is not a valid name.',
      ),
    ];
  }
  return [locateIssue(document, path, issue.message)];
}

/** Makes the issue at `path` from the second half of a sentence; looks for the line of the nearest thing that exists. */
export function locateIssue(document: ManifestDocument, path: DocumentPath, rest: string): ManifestIssue {
  const text = formatPath(path);
  let line: number | undefined;
  for (let length = path.length; length > 0 && line === undefined; length--)
    line = document.lineOf(path.slice(0, length));
  const subject = text === '' ? 'The manifest' : text;
  return { path: text, ...(line === undefined ? {} : { line }), message: `${subject} ${rest}` };
}

function explainUnknownKey(key: string, known: readonly string[]): string {
  const nearest = findNearestKey(key, known);
  const hint = nearest === undefined ? `known here are ${known.join(', ')}.` : `did you mean ${nearest}?`;
  return `is not a known key; ${hint}`;
}

function knownKeysAt(schema: z.ZodType, path: DocumentPath, value: unknown): readonly string[] {
  let given = value;
  let current: unknown = choose(schema, given);
  for (const step of path) {
    given = isMapping(given) ? given[step] : undefined;
    if (current instanceof z.ZodObject) current = choose(current.shape[step], given);
    else if (current instanceof z.ZodRecord) current = choose(current.valueType, given);
    else if (current instanceof z.ZodArray) current = choose(current.element, given);
    else return [];
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

/** The schema beneath what is optional, and of several shapes the one that `given` says it has. */
function choose(schema: unknown, given: unknown): unknown {
  let current = schema;
  while (current instanceof z.ZodOptional || current instanceof z.ZodDefault) current = current.unwrap();
  if (!(current instanceof z.ZodDiscriminatedUnion)) return current;
  const key = current.def.discriminator;
  const said = isMapping(given) ? given[key] : undefined;
  return current.options.find(
    (option) => option instanceof z.ZodObject && z.safeParse(option.shape[key], said).success,
  );
}

function isMapping(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
