import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { LoadedVersion, UpstreamRuntime } from '@scarmonit/core/ports/model-runtime';
import type { UpstreamVersionSpec } from '@scarmonit/core/registry/version-spec';
import { embedByWire } from './embed-by-wire.ts';
import { GenerationEvents } from './generation-events.ts';
import { parseOptions } from './options.ts';
import { openTargets, type TargetParts } from './target.ts';
import { UpstreamVersion, type UpstreamVersionParts } from './upstream-version.ts';

export interface OpenAiCompatibleParts extends TargetParts, UpstreamVersionParts {}

/**
 * Runs versions behind any API in OpenAI's wire format: vLLM, Ollama, LM Studio, llama.cpp's server, OpenAI, clouds.
 * Loading one checks its settings and asks nothing: an upstream that is down when the server starts may come up later.
 */
export function createOpenAiCompatibleRuntime(parts: OpenAiCompatibleParts): UpstreamRuntime {
  return {
    load: async (spec): Promise<LoadedVersion> => {
      if (spec.task === 'classification') {
        throw new ScarmonitError(
          'invalid_request',
          'Runtime openai-compatible does chat and embedding, not classification.',
        );
      }
      const options = parseOptions(spec.options);
      const version = new UpstreamVersion(spec, options, openTargets(spec, options, parts), parts);
      const forward: NonNullable<LoadedVersion['forward']> = (request, context) => version.forward(request, context);
      return {
        forward,
        ...(spec.task === 'chat'
          ? { generate: (request, context) => new GenerationEvents(forward, spec.model, request, context) }
          : { embed: (request, context) => embedByWire(forward, spec.model, request, context) }),
        prepareUpdate: (next: UpstreamVersionSpec) => version.prepareUpdate(next),
        stats: () => version.stats(),
        unload: () => version.unload(),
      };
    },
  };
}
