import type { WireChunk } from '@scarmonit/core/ports/model-runtime';
import { parseObject } from '@scarmonit/core/upstream/parse-object';
import { readUsage } from '@scarmonit/core/upstream/read-usage';
import type { AnsweredBy } from './identities.ts';
import { replaceModel, skipSpace } from './replace-model.ts';

export interface RewriteOptions {
  readonly publicModel: string;
  /** Whether the client asked for usage. */
  readonly showUsage: boolean;
  /** Called with the first chunk that tells. */
  onIdentity(answeredBy: AnsweredBy): void;
}

/** Fields for which the rest of a chunk is not passed on unseen. */
const needsLook = /"(?:model|error|usage)"/;

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
  /** What stands before the choices, which is the same in nearly all chunks of a stream, and what the client gets for it. */
  let head: { readonly sent: string; readonly shown: string } | undefined;

  const rewriteTail = (data: string, { sent, shown }: NonNullable<typeof head>): string | undefined => {
    const tail = data.slice(sent.length);
    if (tail.charCodeAt(tail.length - 1) !== 0x7d) return undefined;
    if (!needsLook.test(tail)) return shown + tail;
    const usageAt = tail.indexOf('"usage"');
    const isOnlyNullUsage = usageAt !== -1 && isNullField(tail, usageAt) && !/"(?:model|error)"/.test(tail);
    if (!isOnlyNullUsage) return undefined;
    return shown + (showUsage ? tail : withoutNullUsage(tail));
  };

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
    // Not `startsWith`, which takes several times as long.
    if (head !== undefined && data.slice(0, head.sent.length) === head.sent) {
      const text = rewriteTail(data, head);
      if (text !== undefined) return { kind: 'chunk', chunk: { text } };
    }
    if (!isIdentified || data.includes('"error"') || !data.includes('"choices"')) return parse(data);
    const usageAt = data.indexOf('"usage"');
    if (usageAt !== -1 && !isNullField(data, usageAt)) return parse(data);
    if (data.charCodeAt(0) !== 0x7b || data.charCodeAt(data.length - 1) !== 0x7d) return parse(data);
    const replaced = replaceModel(data, quotedModel);
    if (replaced === undefined) return parse(data);
    head = splitHead(data, quotedModel);
    return { kind: 'chunk', chunk: { text: showUsage || usageAt === -1 ? replaced : withoutNullUsage(replaced) } };
  };
}

/** @returns undefined where the head does not hold the model, or holds what is not the same in all chunks */
function splitHead(data: string, quotedModel: string): { readonly sent: string; readonly shown: string } | undefined {
  const sent = data.slice(0, data.indexOf('"choices"'));
  const shown = sent.includes('"usage"') ? undefined : replaceModel(sent, quotedModel);
  return shown === undefined ? undefined : { sent, shown };
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
