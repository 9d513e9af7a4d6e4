import {
  type FeedbackRequest,
  feedbackRequestSchema,
  type TakenFeedback,
  takenFeedbackSchema,
} from '@scarmonit/protocol/api/feedback';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

export const giveFeedback: Route = {
  method: 'POST',
  path: '/api/feedback',
  access: 'infer',
  limited: true,
  operation: {
    id: 'giveFeedback',
    summary: 'Say what became of an answer: the right label, a rating, whether the task was done. Late is welcome.',
    tag: 'Inference',
    body: { contentType: 'application/json', schemas: { FeedbackRequest: feedbackRequestSchema } },
    answer: { status: 202, schemas: { TakenFeedback: takenFeedbackSchema } },
  },
  async handle(c, parts) {
    const { requestId, rating, ...told } = parseBody(feedbackRequestSchema, c.get('body'));
    const feedback = { requestId, ...dropNullish({ ...told, rating: toShare(rating) }) };
    const id = await parts.services.feedback.take(c.get('key'), feedback);
    // It is a request, but no tokens are used.
    c.get('reservation').settle(0);
    return answerJson(c, parts, { id, requestId } satisfies TakenFeedback, 202);
  },
};

function toShare(rating: FeedbackRequest['rating']): number | undefined {
  if (rating === 'up') return 1;
  return rating === 'down' ? 0 : rating;
}
