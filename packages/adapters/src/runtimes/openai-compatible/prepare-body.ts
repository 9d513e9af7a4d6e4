import type { WireRequest } from '@scarmonit/core/ports/model-runtime';
import { isMapping } from './parse-object.ts';

/** A request as it goes to upstreams: the client's body, with another model, and usage asked for. */
export interface PreparedRequest {
  readonly endpoint: WireRequest['endpoint'];
  readonly publicModel: string;
  readonly isStream: boolean;
  /** Whether the client asked for usage in its stream. */
  readonly showUsage: boolean;
  /** For correlation with the upstream's logs. */
  readonly requestId: string | undefined;
  /** @param model the upstream's name for the model */
  bodyFor(model: string): string;
}

/** Writes the body once, and again only for a target with another name for the model. */
export function prepareRequest(
  { endpoint, body, publicModel }: WireRequest,
  requestId: string | undefined,
): PreparedRequest {
  const isStream = body.stream === true && endpoint !== 'embeddings';
  const asked = isStream && isMapping(body.stream_options) ? body.stream_options : {};
  let written: { readonly model: string; readonly text: string } | undefined;
  return {
    endpoint,
    publicModel,
    isStream,
    showUsage: asked.include_usage === true,
    requestId,
    bodyFor: (model) => {
      if (written?.model !== model) {
        const changes = isStream ? { model, stream_options: { ...asked, include_usage: true } } : { model };
        written = { model, text: JSON.stringify({ ...body, ...changes }) };
      }
      return written.text;
    },
  };
}
