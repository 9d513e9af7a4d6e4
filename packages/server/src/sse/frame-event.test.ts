import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../test/read-events.ts';
import { frameData, frameNamed } from './frame-event.ts';
import { hole, splitTemplate } from './split-template.ts';
import { toWireJson } from './to-wire-json.ts';

/** Whatever some reader takes for the end of a line or of an event, and halves of surrogate pairs. */
const nasty = fc.constantFrom(
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\u0085',
  '\u2028',
  '\u2029',
  '\v',
  '\f',
  '\0',
  '\ud800',
  'data: ',
  '"',
);
const text = fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))).map((pieces) => pieces.join(''));

const lineEnds = /[\v\f\u0085\u2028\u2029]|\r(?!\n)/;

describe('the SSE writer', () => {
  it('is read back as the same JSON by an independent reader, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const written = texts.map((piece) => frameData({ piece })).join('');
        expect(readEvents(written).map(({ data }) => JSON.parse(data))).toEqual(texts.map((piece) => ({ piece })));
      }),
    );
  });

  it('keeps the name of an event', () => {
    fc.assert(
      fc.property(text, (piece) => {
        const [event] = readEvents(frameNamed('response.created', { piece }));
        expect(event?.event).toBe('response.created');
        expect(JSON.parse(event?.data ?? '')).toEqual({ piece });
      }),
    );
  });

  it('writes no character that a reader of lines could stop at', () => {
    fc.assert(
      fc.property(text, (piece) => {
        expect(frameData({ piece })).not.toMatch(lineEnds);
        expect(frameData({ piece }).split('\n')).toHaveLength(3);
      }),
    );
  });

  it('fills a template with the same JSON as serialising it whole', () => {
    fc.assert(
      fc.property(text, text, (fixed, varying) => {
        const [before, after] = splitTemplate({ fixed, delta: hole, last: 1 });
        expect(`${before}${toWireJson(varying)}${after}`).toBe(toWireJson({ fixed, delta: varying, last: 1 }));
      }),
    );
  });
});
