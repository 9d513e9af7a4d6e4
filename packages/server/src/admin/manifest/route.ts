import { type ManifestChangesView, manifestChangesSchema } from '@scarmonit/protocol/admin/manifest';
import { answerJson } from '../../http/answer.ts';
import type { Route } from '../../route.ts';

export const applyManifest: Route = {
  method: 'PUT',
  path: '/api/admin/manifest',
  access: 'admin',
  limited: false,
  operation: {
    id: 'applyManifest',
    summary: 'Apply a manifest. A bad one changes nothing.',
    tag: 'Admin',
    body: { contentType: 'text/yaml' },
    answer: { status: 200, schemas: { ManifestChanges: manifestChangesSchema } },
  },
  async handle(c, parts) {
    const { added, removed, switched, rollouts, unchanged } = await parts.services.models.apply(c.get('body'));
    const changes: ManifestChangesView = {
      added: [...added],
      removed: [...removed],
      switched: [...switched],
      rollouts: [...rollouts],
      unchanged: [...unchanged],
    };
    return answerJson(c, parts, changes);
  },
};
