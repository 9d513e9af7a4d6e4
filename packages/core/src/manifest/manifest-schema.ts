import { z } from 'zod';
import { checkVersions } from './check-versions.ts';
import { must, number, oneOf, text } from './field-schemas.ts';
import { maintenanceSchema, rolloutSchema } from './rollout-schema.ts';

/** Model names, as clients ask for them. */
const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Semantic Versioning 2.0.0, the expression of its FAQ. */
const semverPattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

const name = text(namePattern, 'up to 64 of a-z, 0-9, dot, dash and underscore, the first a letter or digit');
/** A semantic version. */
export const semanticVersion = text(
  semverPattern,
  'a semantic version such as 1.0.0 (in quotes if YAML would read it as a number)',
  64,
);
const sha256 = text(/^[0-9a-f]{64}$/i, 'a SHA-256 of 64 hex digits (in quotes)').transform((hex) => hex.toLowerCase());
// Plain http only within the machine: the digest protects the bytes, but not who learns of them.
const source = text(
  /^(npm:(@[^/\s]+\/)?[^/@\s]+@[^/\s]+\/\S+|hf:[^/\s]+\/[^/\s]+\/\S+|file:\S.*|https:\/\/\S+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/\S*)$/,
  'npm:PACKAGE@VERSION/FILE, hf:OWNER/REPO/FILE, https://… or file:PATH',
  2048,
);
const partName = text(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u, 'a file name without slashes', 255);

const share = number('between 0 and 1', (value) => value >= 0 && value <= 1);
const positive = number('above 0', (value) => value > 0);
const nonNegative = number('0 or more', (value) => value >= 0);
const wholePositive = number('that is whole and above 0', (value) => value > 0 && Number.isSafeInteger(value));

const goals = z.strictObject(
  {
    maxLatencyMs: positive.optional(),
    maxTimeToFirstTokenMs: positive.optional(),
    minAccuracy: share.optional(),
    targetThroughputRps: positive.optional(),
    maxErrorRate: share.optional(),
    maxCostUsd: nonNegative.optional(),
    minSatisfaction: share.optional(),
    minTaskCompletion: share.optional(),
  },
  must('be a mapping of goals, such as { maxLatencyMs: 500 }'),
);

const requirements = z.strictObject(
  {
    compute: oneOf(['cpu', 'gpu']).optional(),
    memoryMb: wholePositive.optional(),
    gpu: oneOf(['none', 'cuda', 'vulkan', 'metal']).optional(),
    network: oneOf(['loopback', 'private', 'public']).optional(),
  },
  must('be a mapping, such as { compute: cpu, memoryMb: 1024 }'),
);

const prices = z.strictObject(
  {
    perRequestUsd: nonNegative.default(0),
    inputPerMillionTokensUsd: nonNegative.default(0),
    outputPerMillionTokensUsd: nonNegative.default(0),
    perSecondUsd: nonNegative.default(0),
  },
  must('be a mapping of prices, such as { perRequestUsd: 0.001 }'),
);

const artifactPart = z.strictObject(
  {
    name: partName.optional(),
    sources: z
      .array(source, must('be a list of sources, such as ["hf:OWNER/REPO/FILE"]'))
      .min(1, 'must hold at least one source.'),
    sha256,
    bytes: wholePositive.optional(),
  },
  must('be a mapping with sources and sha256'),
);

const artifact = z.strictObject(
  {
    sha256,
    from: z
      .array(artifactPart, must('be a list of parts, each with sources and sha256'))
      .min(1, 'must hold at least one part.'),
    recipe: text(/^[a-z0-9][a-z0-9-]{0,63}$/, 'the name of a recipe, such as concat').default('concat'),
  },
  must('be a mapping with sha256 and from'),
);

const versionCommon = {
  options: z.record(z.string(), z.unknown(), must('be a mapping of options')).default({}),
  prices: prices.default({
    perRequestUsd: 0,
    inputPerMillionTokensUsd: 0,
    outputPerMillionTokensUsd: 0,
    perSecondUsd: 0,
  }),
  timeoutMs: wholePositive.default(120_000),
  fallbacks: z
    .array(text(/^\S+$/, 'a version of this model or the name of another model'), must('be a list, such as ["1.0.0"]'))
    .default([]),
};

const localVersion = z.strictObject({ runtime: oneOf(['llama-cpp', 'onnx']), artifact, ...versionCommon });

// A key in the file would end up in version control, in backups and on screens.
const secret = text(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, `\${NAME}, with the key itself in the environment variable NAME`);

const upstreamAddress = {
  baseUrl: z
    .string(must('be the address of an API up to its /v1, such as http://127.0.0.1:11434/v1'))
    .refine(isBaseUrl, must('be an http or https address without a user, a query or a fragment')),
  model: text(/^\P{Cc}+$/u, "the upstream's name for the model"),
  apiKey: secret.optional(),
};

const upstreamTarget = z.strictObject(
  { ...upstreamAddress, weight: wholePositive.default(1) },
  must('be a mapping with baseUrl and model'),
);

const upstreamVersion = z
  .strictObject({
    runtime: z.literal('openai-compatible'),
    baseUrl: upstreamAddress.baseUrl.optional(),
    model: upstreamAddress.model.optional(),
    apiKey: upstreamAddress.apiKey,
    targets: z
      .array(upstreamTarget, must('be a list of targets, each with baseUrl and model'))
      .min(1, 'must hold at least one target.')
      .optional(),
    balance: oneOf(['weighted', 'least-busy']).default('weighted'),
    ...versionCommon,
  })
  .superRefine(({ baseUrl, model, apiKey, targets }, context) => {
    const own = Object.entries({ baseUrl, model, apiKey });
    if (targets === undefined) {
      for (const [key, value] of own) {
        if (value !== undefined || key === 'apiKey') continue;
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'is missing; an openai-compatible version needs baseUrl and model, or targets.',
        });
      }
      return;
    }
    for (const [key, value] of own) {
      if (value === undefined) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'stands beside targets; put it into each of them.' });
    }
  });

const workersAiVersion = z.strictObject({
  runtime: z.literal('workers-ai'),
  // It becomes part of a path, so only what Cloudflare's names are made of.
  model: text(
    /^@[a-z]{1,16}(\/[A-Za-z0-9][A-Za-z0-9._-]*){2,3}$/,
    "a model of Cloudflare's catalogue, such as @cf/meta/llama-3-8b-instruct",
  ).optional(),
  accountId: text(
    /^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9_-]+)$/,
    `the id of a Cloudflare account, or \${NAME} with the id in the environment variable NAME`,
  ).optional(),
  apiToken: secret.optional(),
  baseUrl: z
    .string(must('be the address of an API up to its /client/v4, such as http://127.0.0.1:8799/client/v4'))
    .refine(isBaseUrl, must('be an http or https address without a user, a query or a fragment'))
    .optional(),
  ...versionCommon,
});

/** What a version runs, as it stands under its number. */
export const versionBody = z.discriminatedUnion('runtime', [localVersion, upstreamVersion, workersAiVersion], {
  error: ({ code }: { readonly code?: string }) =>
    code === 'invalid_type'
      ? 'must be a mapping with runtime, and artifact or baseUrl.'
      : 'must be one of llama-cpp, onnx, openai-compatible, workers-ai.',
});

const model = z
  .strictObject(
    {
      task: oneOf(['chat', 'embedding', 'classification']),
      goals: goals.default({}),
      requirements: requirements.default({}),
      stable: semanticVersion,
      versions: z
        .record(semanticVersion, versionBody, must('be a mapping from version to its runtime and what it runs'))
        .refine((versions) => Object.keys(versions).length > 0, 'must hold at least one version, such as 1.0.0.'),
      rollout: rolloutSchema.optional(),
      maintenance: maintenanceSchema.optional(),
    },
    must('be a mapping with task, stable and versions'),
  )
  .superRefine(({ stable, versions }, context) => {
    if (Object.hasOwn(versions, stable)) return;
    const known = Object.keys(versions);
    if (known.length === 0) return;
    context.addIssue({
      code: 'custom',
      path: ['stable'],
      message: `is ${stable}, which is not among the versions; declare it or choose ${known.join(' or ')}.`,
    });
  });

/**
 * The shape of `scarmonit.yaml`. Messages are the second half of a sentence whose first half is the path;
 * `explain-issue.ts` joins them.
 */
export const manifestSchema = z
  .strictObject(
    {
      apiVersion: oneOf(['scarmonit/v1']),
      models: z.record(name, model, must('be a mapping from model name to model')),
    },
    must('be a mapping with apiVersion and models'),
  )
  .superRefine(({ models }, context) => {
    for (const { path, problem } of checkVersions(models)) context.addIssue({ code: 'custom', path, message: problem });
  });

function isBaseUrl(address: string): boolean {
  return address.length <= 2048 && /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(address);
}
