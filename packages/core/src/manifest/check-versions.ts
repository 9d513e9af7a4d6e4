import type { DocumentPath } from './manifest.ts';

/** What a declared model and its versions say of each other. */
export interface DeclaredModel {
  readonly task: string;
  readonly versions: Readonly<Record<string, { readonly runtime: string; readonly fallbacks: readonly string[] }>>;
}

/** A breach, as the second half of a sentence whose first half is the path. */
interface Breach {
  readonly path: [...DocumentPath];
  readonly problem: string;
}

/**
 * Checks what one version alone cannot tell: that its runtime does the model's task, and that each fallback is another
 * version of the model or another model with the same task. Fallbacks may form a ring: a request visits each once.
 */
export function* checkVersions(models: Readonly<Record<string, DeclaredModel>>): Iterable<Breach> {
  for (const [name, { task, versions }] of Object.entries(models)) {
    for (const [version, { runtime, fallbacks }] of Object.entries(versions)) {
      const path = ['models', name, 'versions', version];
      if (runtime === 'openai-compatible' && task === 'classification') {
        yield {
          path: [...path, 'runtime'],
          problem: 'is openai-compatible, which does chat and embedding, not classification.',
        };
      }
      for (const [at, fallback] of fallbacks.entries()) {
        const problem = explainFallback(fallback, { name, version, models });
        if (problem !== undefined) yield { path: [...path, 'fallbacks', at], problem };
      }
    }
  }
}

function explainFallback(
  fallback: string,
  {
    name,
    version,
    models,
  }: { readonly name: string; readonly version: string; readonly models: Readonly<Record<string, DeclaredModel>> },
): string | undefined {
  const model = models[name];
  if (model === undefined) return undefined;
  if (fallback === version || fallback === name) {
    return `is ${fallback}, which is where the request failed; name another version or another model.`;
  }
  if (Object.hasOwn(model.versions, fallback)) return undefined;
  const other = Object.hasOwn(models, fallback) ? models[fallback] : undefined;
  if (other === undefined) {
    const versions = Object.keys(model.versions).filter((known) => known !== version);
    const others = Object.keys(models).filter((known) => known !== name && models[known]?.task === model.task);
    const choice = [...versions, ...others].join(', ') || 'nothing else yet';
    return `is ${fallback}, which is neither a version of ${name} nor a model; there is ${choice}.`;
  }
  if (other.task !== model.task) return `is ${fallback}, which does ${other.task} and not ${model.task}.`;
  return undefined;
}
