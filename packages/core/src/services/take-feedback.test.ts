import { describe, expect, it } from 'vitest';
import { testKey } from '../../test/serving.ts';
import type { Feedback } from '../ports/feedback-repository.ts';
import { plainAnswerDigest } from '../shadow/plain-answer.ts';
import { createFeedbackService } from './take-feedback.ts';

const hash = { sha256Hex: (text: string) => `digest of ${text}` };

function setUp() {
  const kept: Feedback[] = [];
  let ids = 0;
  const service = createFeedbackService({
    feedback: { insert: async (feedback) => void kept.push(feedback), sumForRollout: () => Promise.reject() },
    clock: { now: () => 1_700_000_000_000 },
    ids: { next: () => `f${++ids}` },
    hash,
  });
  return { service, kept };
}

describe('taking feedback', () => {
  it('keeps what was said, by whom and when, and nothing that was not', async () => {
    const { service, kept } = setUp();
    expect(await service.take(testKey, { requestId: 'req_1', rating: 0 })).toBe('f1');
    expect(await service.take(testKey, { requestId: 'req_1', completed: false })).toBe('f2');
    const told = { projectId: testKey.projectId, keyId: testKey.id, requestId: 'req_1', createdAt: 1_700_000_000_000 };
    expect(kept).toEqual([
      { ...told, id: 'f1', rating: 0 },
      { ...told, id: 'f2', completed: false },
    ]);
  });

  it('keeps a label as it was given, with the digest of an answer that says the same', async () => {
    const { service, kept } = setUp();
    await service.take(testKey, { requestId: 'req_1', label: ' Refund\n wanted' });
    expect(kept[0]?.label).toBe(' Refund\n wanted');
    expect(kept[0]?.labelDigest).toBe(plainAnswerDigest('refund wanted', hash));
    expect(kept[0]?.labelDigest).not.toBe(plainAnswerDigest('complaint', hash));
  });

  it('fails when it could not be kept, so that it is sent again', async () => {
    const { service } = setUp();
    const broken = createFeedbackService({
      feedback: { insert: () => Promise.reject(new Error('disk full')), sumForRollout: () => Promise.reject() },
      clock: { now: () => 0 },
      ids: { next: () => 'f1' },
      hash,
    });
    await expect(broken.take(testKey, { requestId: 'req_1', rating: 1 })).rejects.toThrow('disk full');
    expect(await service.take(testKey, { requestId: 'req_1', rating: 1 })).toBe('f1');
  });
});
