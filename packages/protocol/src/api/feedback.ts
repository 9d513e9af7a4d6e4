import { z } from 'zod';

/** Body of `POST /api/feedback`: what became of an answer. */
export const feedbackRequestSchema = z
  .strictObject({
    /** The answer's `x-request-id`. */
    requestId: z.string().min(1).max(200),
    /** What would have been right, such as a class. */
    label: z.string().min(1).max(10_000).optional(),
    /** From 0 (bad) to 1 (good), or thumbs. */
    rating: z.union([z.number().min(0).max(1), z.enum(['up', 'down'])]).optional(),
    /** Whether the user's task was done. */
    completed: z.boolean().optional(),
  })
  .refine(({ label, rating, completed }) => label !== undefined || rating !== undefined || completed !== undefined, {
    message: "Say at least one of 'label', 'rating' and 'completed'.",
  });
export type FeedbackRequest = z.infer<typeof feedbackRequestSchema>;

/** Answer of `POST /api/feedback`, with status 202: it is kept, and counts once its request is recorded. */
export const takenFeedbackSchema = z.object({ id: z.string(), requestId: z.string() });
export type TakenFeedback = z.infer<typeof takenFeedbackSchema>;
