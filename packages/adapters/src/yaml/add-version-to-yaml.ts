import { isDeepStrictEqual } from 'node:util';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { RuntimeName, Task } from '@scarmonit/core/registry/version-spec';
import type { Pair } from 'yaml';
import { Document, isMap, parseDocument, Scalar, YAMLMap } from 'yaml';
import { parseYamlText } from './parse-yaml-text.ts';

/** A version to write, with one part a source list. */
export interface NewVersion {
  readonly model: string;
  /** Used when the model is new; must fit when it is there. */
  readonly task: Task;
  readonly version: string;
  readonly runtime: RuntimeName;
  /** Lower-case hex, of the artifact. */
  readonly sha256: string;
  readonly sources: readonly string[];
  readonly bytes?: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a version into manifest text. A model that is new gets the version as its stable one; a model that is there
 * keeps its stable version. Every other line stays as it is, comments and spacing included; only a mapping written
 * on one line (`models: {}`) makes the file be laid out anew, with its comments.
 * @returns the new text
 * @throws ManifestError when the text is not YAML; ScarmonitError `conflict` when the version is there already or the
 *   model has another task, `invalid_request` when what should be a mapping is none
 */
export function addVersionToYaml(text: string, added: NewVersion): string {
  const { document } = parseYamlText(text);
  const place = findPlace(document, added);
  const entry = toEntry(document, added, place.isNewModel);
  const spliced = isMap(place.target) ? spliceEntry(text, place.target, entry) : undefined;
  if (document.contents === null) document.set('apiVersion', 'scarmonit/v1');
  mapAt(document, place.path).add(entry);
  // Where block scalars, documents' ends or aliases make the plain insertion mean something else, the safe way wins.
  return spliced !== undefined && sameData(spliced, document) ? spliced : document.toString({ lineWidth: 0 });
}

interface Place {
  readonly path: readonly string[];
  readonly isNewModel: boolean;
  /** The mapping that gets the entry; absent when it must be made. */
  readonly target: unknown;
}

function findPlace(document: Document, added: NewVersion): Place {
  const model = document.getIn(['models', added.model]);
  if (model === undefined) return { path: ['models'], isNewModel: true, target: document.get('models') };
  if (!isMap(model)) throw notAMapping(['models', added.model]);
  const task = model.get('task');
  if (task !== added.task) {
    const message = `${added.model} has the task ${String(task)}, not ${added.task}; choose another name with --name.`;
    throw new ScarmonitError('conflict', message);
  }
  const versions = model.get('versions');
  if (isMap(versions) && versions.has(added.version)) {
    const message = `${added.model} already has a version ${added.version}, and versions never change; choose another with --version.`;
    throw new ScarmonitError('conflict', message);
  }
  return { path: ['models', added.model, 'versions'], isNewModel: false, target: versions };
}

function toEntry(document: Document, added: NewVersion, isNewModel: boolean): Pair {
  const sources = document.createNode(added.sources, { flow: true });
  const version = {
    runtime: added.runtime,
    artifact: {
      sha256: quoted(added.sha256),
      from: [{ sources, sha256: quoted(added.sha256), ...(added.bytes === undefined ? {} : { bytes: added.bytes }) }],
    },
    ...(added.options === undefined ? {} : { options: added.options }),
  };
  if (!isNewModel) return document.createPair(added.version, version);
  return document.createPair(added.model, {
    task: added.task,
    stable: added.version,
    versions: { [added.version]: version },
  });
}

/** A digest of digits alone would be read back as a number. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/** The text with the entry after the last one of a block mapping; undefined for mappings on one line. */
function spliceEntry(text: string, target: YAMLMap, entry: Pair): string | undefined {
  const [start, end] = target.range ?? [];
  if (target.flow === true || start === undefined || end === undefined) return undefined;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const written = new Document(new Map([[entry.key, entry.value]])).toString({ lineWidth: 0 });
  const block = written.replace(/^(?=.)/gm, indent).replaceAll('\n', newline);
  const before = text.slice(0, end);
  return `${before}${before.endsWith('\n') ? '' : newline}${block}${text.slice(end)}`;
}

function sameData(text: string, document: Document): boolean {
  const edited = parseDocument(text, { stringKeys: true, logLevel: 'silent' });
  return edited.errors.length === 0 && isDeepStrictEqual(edited.toJS(), document.toJS());
}

/** The mapping at a path; an absent or empty one is made. */
function mapAt(document: Document, path: readonly string[]): YAMLMap {
  const found = document.getIn(path);
  if (isMap(found)) {
    found.flow = false;
    return found;
  }
  if (found !== undefined && found !== null) throw notAMapping(path);
  const made = new YAMLMap(document.schema);
  document.setIn(path, made);
  return made;
}

function notAMapping(path: readonly string[]): ScarmonitError {
  return new ScarmonitError('invalid_request', `${path.join('.')} is not a mapping in the manifest; correct it first.`);
}
