import { z } from 'zod';

/** Answer of `PUT /api/admin/manifest`, in words of `model@version`. */
export const manifestChangesSchema = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  /** `name: 1.0.0 → 1.1.0`. */
  switched: z.array(z.string()),
  /** `name: 1.0.0 → 1.1.0 (id of the rollout)`. */
  rollouts: z.array(z.string()),
  unchanged: z.array(z.string()),
});
export type ManifestChangesView = z.infer<typeof manifestChangesSchema>;
