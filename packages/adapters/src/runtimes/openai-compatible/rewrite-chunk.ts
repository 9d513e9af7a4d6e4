import type { WireChunk } from '@scarmonit/core/ports/model-runtime';
import type { AnsweredBy } from './identities.ts';
import { parseObject } from './parse-object.ts';
import { readUsage } from './read-usage.ts';
import { replaceModel, skipSpace } from './replace-model.ts';

export interface RewriteOptions {
  readonly publicModel: string;
  /** Whether the client asked for usage. */
  readonly showUsage: boolean;
  /** Called with the first chunk that tells. */
  onIdentity(answeredBy: AnsweredBy): void;
}

/** A chunk for the client; or the upstream's error; or text that is no chunk at all. */
export type Rewritten =
  | { readonly kind: 'chunk'; readonly chunk: WireChunk }
  | { readonly kind: 'error' | 'malformed' };

/**
 * Makes the data of an upstream's events fit for the client. All but the first chunk, the one with usage and odd ones are
 * cut and joined as text: parsing and writing each would cost more than everything else that a chunk needs.
 */
export function createChunkRewriter(options: RewriteOptions): (data: string) => Rewritten {
  const { publicModel, showUsage, onIdentity } = options;
  const quotedModel = JSON.stringify(publicModel);
  let isIdentified = false;

  const parse = (data: string): Rewritten => {
    const body = parseObject(data);
    if (body === undefined) return { kind: 'malformed' };
    if (isTruthy(body.error) || body.object === 'error') return { kind: 'error' };
    if (!isIdentified && typeof body.model === 'string' && body.model !== '') {
      isIdentified = true;
      onIdentity({ model: body.model, systemFingerprint: textOf(body.system_fingerprint) });
    }
    const usage = readUsage(body.usage);
    const hidesUsage = !showUsage && 'usage' in body;
    const hasChoices = Array.isArray(body.choices) && body.choices.length > 0;
    if (hidesUsage && usage !== undefined && !hasChoices) return { kind: 'chunk', chunk: { text: undefined, usage } };
    const replaced = hidesUsage ? undefined : replaceModel(data, quotedModel);
    const text = replaced ?? writeChunk(body, publicModel, hidesUsage);
    return { kind: 'chunk', chunk: usage === undefined ? { text } : { text, usage } };
  };

  return (data) => {
    if (!isIdentified || data.includes('"error"') || !data.includes('"choices"')) return parse(data);
    const usageAt = data.indexOf('"usage"');
    if (usageAt !== -1 && !isNullField(data, usageAt)) return parse(data);
    if (data.charCodeAt(0) !== 0x7b || data.charCodeAt(data.length - 1) !== 0x7d) return parse(data);
    const replaced = replaceModel(data, quotedModel);
    if (replaced === undefined) return parse(data);
    return { kind: 'chunk', chunk: { text: showUsage || usageAt === -1 ? replaced : withoutNullUsage(replaced) } };
  };
}

/** `"usage":null`, which says nothing, may stay where it does not stand as OpenAI writes it. */
function withoutNullUsage(data: string): string {
  const field = ',"usage":null';
  const at = data.lastIndexOf(field);
  return at === -1 ? data : data.slice(0, at) + data.slice(at + field.length);
}

function isNullField(data: string, keyAt: number): boolean {
  const colon = skipSpace(data, keyAt + '"usage"'.length);
  return data[colon] === ':' && data.startsWith('null', skipSpace(data, colon + 1));
}

function writeChunk(body: Readonly<Record<string, unknown>>, model: string, hidesUsage: boolean): string {
  const { usage: _usage, ...rest } = body;
  return JSON.stringify({ ...(hidesUsage ? rest : body), model });
}

function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
