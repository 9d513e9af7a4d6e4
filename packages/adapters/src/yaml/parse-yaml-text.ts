import { ManifestError, type ManifestIssue } from '@scarmonit/core/manifest/manifest-error';
import type { Document, ParsedNode, YAMLError } from 'yaml';
import { LineCounter, parseDocument } from 'yaml';

/** A YAML document that is free of errors, with what is needed to find lines. */
export interface YamlText {
  readonly document: Document.Parsed<ParsedNode>;
  readonly lines: LineCounter;
}

export const tooDeep = 'The manifest is nested too deeply to be read; make it flatter.';

const maxCharacters = 1024 * 1024;

/**
 * Parses YAML strictly: keys are text and unique, tags that mean nothing here are errors, one document a file.
 * @throws ManifestError with the line of each thing that is wrong
 */
export function parseYamlText(text: string): YamlText {
  if (text.length > maxCharacters) {
    throw new ManifestError([
      { path: '', message: 'The manifest is larger than 1 MiB; split it or remove what is not needed.' },
    ]);
  }
  const lines = new LineCounter();
  const options = { lineCounter: lines, stringKeys: true, prettyErrors: false, logLevel: 'error' } as const;
  const document = parseDocument(text, options);
  // A tag that the library does not know is only a warning to it, and the value silently becomes text.
  const issues = [...document.errors, ...document.warnings].map((error) => toIssue(error, text, lines));
  if (issues.length > 0) throw new ManifestError(issues);
  return { document, lines };
}

function toIssue(error: YAMLError, text: string, lines: LineCounter): ManifestIssue {
  const { line } = lines.linePos(error.pos[0]);
  return { path: '', ...(line > 0 ? { line } : {}), message: explain(error, text) };
}

function explain(error: YAMLError, text: string): string {
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'This key';
      return `${key} is given twice in the same mapping; keep one of them.`;
    }
    case 'TAB_AS_INDENT':
      return 'A tab is used to indent, which YAML does not allow; use spaces.';
    case 'MULTIPLE_DOCS':
      return 'The file holds several YAML documents; keep one and remove the --- lines.';
    case 'TAG_RESOLVE_FAILED':
      return `The YAML tag cannot be used here (${error.message}); write the value without it.`;
    case 'RESOURCE_EXHAUSTION':
      return tooDeep;
    case 'NON_STRING_KEY':
      return 'Keys must be plain text; write the key as one word or in quotes.';
    default:
      return `The YAML cannot be read: ${error.message.replace(/[.\s]+$/, '')}. Correct the syntax of this line or the one before it.`;
  }
}
