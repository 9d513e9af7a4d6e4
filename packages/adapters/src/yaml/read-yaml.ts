import type { DocumentPath, ManifestDocument } from '@scarmonit/core/manifest/manifest';
import { ManifestError } from '@scarmonit/core/manifest/manifest-error';
import type { Document } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import { parseYamlText, tooDeep, type YamlText } from './parse-yaml-text.ts';

/** Beyond this many uses aliases are taken for an attack: a short file could unfold into gigabytes. */
const maxAliasCount = 100;

/**
 * Reads YAML text into plain data that knows its lines.
 * @throws ManifestError for syntax errors, duplicate keys, unknown tags and alias bombs, each with its line
 */
export function readYaml(text: string): ManifestDocument {
  const yaml = parseYamlText(text);
  return { value: toPlainData(yaml.document), lineOf: (path) => lineOf(yaml, path) };
}

function toPlainData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount });
  } catch (error) {
    // Deep nesting overflows the stack here when the parser just managed.
    if (error instanceof RangeError) throw new ManifestError([{ path: '', message: tooDeep }]);
    const reason = error instanceof Error ? error.message : String(error);
    throw new ManifestError([
      { path: '', message: `The YAML aliases (*name) cannot be followed: ${reason}. Write the values out.` },
    ]);
  }
}

function lineOf({ document, lines }: YamlText, path: DocumentPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return undefined;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node);
    } else return undefined;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
