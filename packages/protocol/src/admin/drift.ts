import { z } from 'zod';

/** How one figure's distribution compares with its reference. */
export const driftFeatureSchema = z.object({
  model: z.string(),
  /** The version whose requests these are. */
  version: z.string(),
  /**
   * `input-tokens`, `output-tokens`: lengths; `label`: what a classifier says; `script`: the writing system of inputs;
   * `embedding-1`, …: projections of embeddings, whose shift is that of their centroid.
   */
  feature: z.string(),
  /** `collecting` the reference, `watching` against it, or `drifted`. */
  state: z.enum(['collecting', 'watching', 'drifted']),
  /** Days of the reference so far, and how many it takes; 0 where the reference is a data set. */
  referenceDays: z.int(),
  referenceDaysNeeded: z.int(),
  /** Requests in the reference. */
  referenceRequests: z.int(),
  /** Days that were compared since. */
  days: z.int(),
  /** Of the last day that was compared; null before. Population stability index: 0.1 is moderate, 0.25 is large. */
  psi: z.number().nullable(),
  /** Jensen-Shannon divergence in bits, 0…1, sampling noise taken off. */
  divergence: z.number().nullable(),
  /** What the divergence has to exceed on average to be called drift. */
  tolerated: z.number().nullable(),
  /** The evidence for drift, and what it takes to call it so: it may be looked at as often as one likes. */
  evidence: z.number(),
  evidenceNeeded: z.number(),
  /** When it was called drift; milliseconds since the Unix epoch. */
  driftedAt: z.int().nullable(),
  /** One sentence for people. */
  summary: z.string(),
  /** The distribution by bin, of the reference and of the last day; shares that add up to 1, or none before there are some. */
  bins: z.array(z.object({ bin: z.string(), reference: z.number(), lately: z.number() })),
});
export type DriftFeatureView = z.infer<typeof driftFeatureSchema>;

/** `GET /api/admin/drift`. */
export const driftReportSchema = z.object({ data: z.array(driftFeatureSchema) });
export type DriftReportView = z.infer<typeof driftReportSchema>;

/** Query of `GET /api/admin/drift`. */
export const driftQuerySchema = z.object({ model: z.string().min(1).max(64).optional() });

/** Body of `POST /api/admin/drift/reference`: what is seen from now on is the model's new reference. */
export const newReferenceSchema = z.strictObject({ model: z.string().min(1).max(64) });

/** One example of a data set. Other fields are ignored, so that a line of an export of requests is one. */
export const driftExampleSchema = z.object({
  /** What is asked: a text, texts, or messages. */
  input: z.union([z.string(), z.array(z.unknown())]).optional(),
  /** What is answered: the class of a classifier, or an embedding. */
  output: z.union([z.string(), z.array(z.number()).max(16_384)]).optional(),
  /** Their lengths, which only the version's tokenizer knows. */
  inputTokens: z.int().nonnegative().nullish(),
  outputTokens: z.int().nonnegative().nullish(),
});

/** Body of `PUT /api/admin/drift/reference`: a data set that a version's requests and answers shall be like. */
export const dataSetReferenceSchema = z.strictObject({
  model: z.string().min(1).max(64),
  /** Absent: the stable one. */
  version: z.string().min(1).max(64).optional(),
  /** Counted and then dropped. */
  examples: z.array(driftExampleSchema).min(1).max(100_000),
});

/** Its answer. */
export const takenReferenceSchema = z.object({
  model: z.string(),
  version: z.string(),
  /** What the data set says something of; where there were too few examples, what was the reference before stays. */
  features: z.array(z.object({ feature: z.string(), examples: z.int(), isReference: z.boolean() })),
});
export type TakenReference = z.infer<typeof takenReferenceSchema>;

/** Answer of `POST /api/admin/drift/reference`. */
export const forgottenReferenceSchema = z.object({
  /** How many features begin anew. */
  features: z.int(),
});
export type ForgottenReference = z.infer<typeof forgottenReferenceSchema>;
