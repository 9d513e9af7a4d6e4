import type { ForwardContext, WireRequest } from '@scarmonit/core/ports/model-runtime';
import { isMapping } from '@scarmonit/core/upstream/parse-object';
import { replaceModel } from './replace-model.ts';

/** A request as it goes to upstreams: the client's body, with another model, and usage asked for. */
export interface PreparedRequest {
  readonly endpoint: WireRequest['endpoint'];
  readonly publicModel: string;
  readonly isStream: boolean;
  /** Whether the client asked for usage in its stream. */
  readonly showUsage: boolean;
  /** For correlation with the upstream's logs and traces. */
  readonly context: Pick<ForwardContext, 'requestId' | 'trace'>;
  /** @param model the upstream's name for the model */
  bodyFor(model: string): string;
}

/** Writes the body once, and again only for a target with another name for the model. */
export function prepareRequest(
  { endpoint, body, text, publicModel }: WireRequest,
  context: PreparedRequest['context'],
): PreparedRequest {
  const isStream = body.stream === true && endpoint !== 'embeddings';
  const asked = isStream && isMapping(body.stream_options) ? body.stream_options : {};
  let written: { readonly model: string; readonly text: string } | undefined;
  return {
    endpoint,
    publicModel,
    isStream,
    showUsage: asked.include_usage === true,
    context,
    bodyFor: (model) => {
      if (written?.model !== model) {
        const changes = isStream ? { model, stream_options: { ...asked, include_usage: true } } : { model };
        written = { model, text: patchBody(text, model, isStream) ?? JSON.stringify({ ...body, ...changes }) };
      }
      return written.text;
    },
  };
}

/**
 * The client's own text with another model and, for a stream, usage asked for.
 * @returns undefined when that needs more than an exchange of text: other options of streams, or names of fields written
 *   with escapes, which could be a second `model` that some parsers prefer
 */
function patchBody(text: string | undefined, model: string, isStream: boolean): string | undefined {
  if (text === undefined || text.includes('\\u') || text.includes('"stream_options"')) return undefined;
  const patched = replaceModel(text, JSON.stringify(model));
  return isStream ? patched?.replace('{', '{"stream_options":{"include_usage":true},') : patched;
}
