import type { Ids } from '@scarmonit/core/ports/ids';
import type { UpstreamRuntime } from '@scarmonit/core/ports/model-runtime';
import type { WorkersAiVersionSpec } from '@scarmonit/core/registry/version-spec';
import { BindingCarrier, type BindingParts } from './binding-carrier.ts';
import type { Carrier } from './carrier.ts';
import { createLoadedVersion } from './create-loaded-version.ts';
import { parseOptions, type WorkersAiOptions } from './options.ts';
import { RestCarrier, type RestParts } from './rest-carrier.ts';

/** Runs versions on Workers AI, asked by REST: for hosts outside Cloudflare. Loading one checks its settings and asks nothing. */
export function createWorkersAiRestRuntime(
  parts: RestParts & { readonly ids: Ids },
): UpstreamRuntime<WorkersAiVersionSpec> {
  return createRuntime(parts.ids, (spec, options) => new RestCarrier(spec, options, parts));
}

/** Runs versions on Workers AI, asked by the `AI` binding: for Workers. Loading one checks its settings and asks nothing. */
export function createWorkersAiBindingRuntime(
  parts: BindingParts & { readonly ids: Ids },
): UpstreamRuntime<WorkersAiVersionSpec> {
  return createRuntime(parts.ids, (spec, options) => new BindingCarrier(spec, options, parts));
}

function createRuntime(
  ids: Ids,
  open: (spec: WorkersAiVersionSpec, options: WorkersAiOptions) => Carrier,
): UpstreamRuntime<WorkersAiVersionSpec> {
  return {
    load: async (spec) => {
      const options = parseOptions(spec.options, spec.task);
      return createLoadedVersion({ spec, options, carrier: open(spec, options), ids });
    },
  };
}
