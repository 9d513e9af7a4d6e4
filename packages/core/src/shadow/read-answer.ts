import type { ClassifyResult, GenerateEvent } from '../ports/model-runtime.ts';
import type { PlainAnswer } from './plain-answer.ts';
import { readWireAnswer } from './read-wire-answer.ts';
import type { ShadowWork } from './shadow-work.ts';

/** What an answer says. @returns undefined when it cannot be read */
export function readAnswer(work: ShadowWork): PlainAnswer | undefined {
  switch (work.kind) {
    case 'classify':
      return { kind: 'labels', labels: topLabels(work.answer) };
    case 'embed':
      return { kind: 'vectors', vectors: work.answer.vectors };
    case 'generate':
      return { kind: 'text', text: textOfEvents(work.answer) };
    case 'forward':
      return readWireAnswer(work.request.endpoint, work.answer);
  }
}

/** The likeliest label of each input. */
export function topLabels({ results }: ClassifyResult): readonly string[] {
  return results.map(([top]) => top?.label ?? '');
}

/** Tool calls are part of what is said, in the order in which they were begun. */
function textOfEvents(events: readonly GenerateEvent[]): string {
  let text = '';
  const calls = new Map<number, string>();
  for (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'tool-call') {
      const { index, name, argumentsDelta } = event;
      calls.set(index, (calls.get(index) ?? '') + (name === undefined ? '' : `${name} `) + argumentsDelta);
    }
  }
  return [text, ...calls.values()].join('\n');
}
