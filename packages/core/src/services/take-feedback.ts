import type { ApiKey } from '../keys/api-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { FeedbackRepository } from '../ports/feedback-repository.ts';
import type { Hash } from '../ports/hash.ts';
import type { Ids } from '../ports/ids.ts';
import { plainAnswerDigest } from '../shadow/plain-answer.ts';
import type { FeedbackService } from './agent-services.ts';

export interface FeedbackPorts {
  readonly feedback: FeedbackRepository;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: Pick<Ids, 'next'>;
  readonly hash: Hash;
}

/** Keeps what people and systems say of answers; gates and reports join it with the requests when they read it. */
export function createFeedbackService({ feedback, clock, ids, hash }: FeedbackPorts): FeedbackService {
  return {
    take: async ({ id: keyId, projectId }: ApiKey, { label, ...given }) => {
      const id = ids.next();
      await feedback.insert({
        ...given,
        id,
        projectId,
        keyId,
        createdAt: clock.now(),
        ...(label === undefined ? {} : { label, labelDigest: plainAnswerDigest(label, hash) }),
      });
      return id;
    },
  };
}
