import { describeDrift } from '@scarmonit/core/drift/describe-drift';
import { countOf } from '@scarmonit/core/drift/divergence';
import { driftEvidence, evidenceNeeded, referenceDaysNeeded } from '@scarmonit/core/drift/drift-watch';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { KnownDrift } from '@scarmonit/core/ports/drift-repository';
import {
  type DriftFeatureView,
  type DriftReportView,
  dataSetReferenceSchema,
  driftQuerySchema,
  driftReportSchema,
  type ForgottenReference,
  forgottenReferenceSchema,
  newReferenceSchema,
  type TakenReference,
  takenReferenceSchema,
} from '@scarmonit/protocol/admin/drift';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody, parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

export const getDrift: Route = {
  method: 'GET',
  path: '/api/admin/drift',
  access: 'read',
  limited: false,
  operation: {
    id: 'getDrift',
    summary: 'How the requests and answers of versions compare with those of their first weeks.',
    tag: 'Admin',
    query: driftQuerySchema,
    answer: { status: 200, schemas: { DriftReport: driftReportSchema } },
  },
  async handle(c, parts) {
    const { model } = parseValue(driftQuerySchema, c.req.query());
    const known = await parts.services.drift.list(c.get('key').projectId, model);
    return answerJson(c, parts, { data: known.map(toDriftView) } satisfies DriftReportView);
  },
};

export const renewDriftReference: Route = {
  method: 'POST',
  path: '/api/admin/drift/reference',
  access: 'admin',
  limited: false,
  operation: {
    id: 'renewDriftReference',
    summary: "Forgets a model's reference: its next two weeks become the new one.",
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { NewReference: newReferenceSchema } },
    answer: { status: 200, schemas: { ForgottenReference: forgottenReferenceSchema } },
  },
  async handle(c, parts) {
    const { model } = parseBody(newReferenceSchema, c.get('body'));
    const features = await parts.services.drift.forget(c.get('key').projectId, model);
    return answerJson(c, parts, { features } satisfies ForgottenReference);
  },
};

export const setDriftReference: Route = {
  method: 'PUT',
  path: '/api/admin/drift/reference',
  access: 'admin',
  limited: false,
  operation: {
    id: 'setDriftReference',
    summary: "Makes a data set the reference of a version's requests and answers. Only its counts are kept.",
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { DataSetReference: dataSetReferenceSchema } },
    answer: { status: 200, schemas: { TakenReference: takenReferenceSchema } },
  },
  async handle(c, parts) {
    const { model, version: wanted, examples } = parseBody(dataSetReferenceSchema, c.get('body'));
    const { task, stable, versions } = parts.services.models.find(c.get('key'), model);
    const version = wanted ?? stable;
    if (!versions.some((one) => one.version === version)) throw unknownVersion(model, version);
    const features = await parts.services.drift.setReference(c.get('key').projectId, {
      model,
      version,
      task,
      examples: examples.map(dropNullish),
    });
    return answerJson(c, parts, { model, version, features: [...features] } satisfies TakenReference);
  },
};

function unknownVersion(model: string, version: string): ScarmonitError {
  return new ScarmonitError('unknown_version', `The model '${model}' serves no version '${version}'.`, {
    code: 'version_not_found',
    param: 'version',
  });
}

function toDriftView(known: KnownDrift): DriftFeatureView {
  const { model, version, feature, state } = known;
  const evidence = { evidence: driftEvidence(state), evidenceNeeded };
  const summary = describeDrift(known);
  if (state.phase === 'collecting') {
    return {
      model,
      version,
      feature,
      state: 'collecting',
      referenceDays: state.days.length,
      referenceDaysNeeded,
      referenceRequests: state.days.reduce((sum, { counts }) => sum + countOf(counts), 0),
      days: 0,
      psi: null,
      divergence: null,
      tolerated: null,
      ...evidence,
      driftedAt: null,
      summary,
      bins: [],
    };
  }
  const { reference, lately } = state;
  const all = countOf(reference);
  const some = Math.max(1, countOf(lately));
  return {
    model,
    version,
    feature,
    state: state.phase,
    referenceDays: state.referenceDays,
    referenceDaysNeeded,
    referenceRequests: all,
    days: state.evidence.observations,
    psi: state.psi ?? null,
    divergence: state.divergence ?? null,
    tolerated: state.tolerated,
    ...evidence,
    driftedAt: state.driftedAt ?? null,
    summary,
    bins: [...new Set([...Object.keys(reference), ...Object.keys(lately)])].map((bin) => ({
      bin,
      reference: (reference[bin] ?? 0) / all,
      lately: (lately[bin] ?? 0) / some,
    })),
  };
}
