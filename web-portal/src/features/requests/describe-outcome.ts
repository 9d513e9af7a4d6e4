import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import type { Tone } from '../../parts/status.tsx';

interface OutcomeWords {
  readonly title: string;
  readonly tone: Tone;
  /** What happened, in a sentence. */
  readonly sentence: string;
}

const words: Readonly<Record<PredictionView['outcome'], OutcomeWords>> = {
  ok: { title: 'ok', tone: 'good', sentence: 'Answered in full.' },
  client_error: {
    title: 'refused',
    tone: 'neutral',
    sentence: 'The request could not be answered as it was asked; the caller has to change it.',
  },
  error: {
    title: 'error',
    tone: 'bad',
    sentence: 'The version, or what stands behind it, failed. This counts against the error rate.',
  },
  timeout: {
    title: 'timeout',
    tone: 'bad',
    sentence: 'The answer was not whole within the time limit. This counts against the error rate.',
  },
  cancelled: {
    title: 'cancelled',
    tone: 'neutral',
    sentence: 'The caller left before the answer was whole, and the work was stopped. This is no error.',
  },
  limited: { title: 'limited', tone: 'warn', sentence: 'Refused, because an upstream or a limit had no room for it.' },
};

/** An outcome in words. */
export function describeOutcome(outcome: PredictionView['outcome']): OutcomeWords {
  return words[outcome];
}

export const outcomes = Object.keys(words) as PredictionView['outcome'][];

export function isOutcome(word: string): word is PredictionView['outcome'] {
  return word in words;
}
