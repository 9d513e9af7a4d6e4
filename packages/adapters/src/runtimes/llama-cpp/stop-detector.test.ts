import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopDetector } from './stop-detector.ts';

function stream(stops: readonly string[], pieces: readonly string[]): { text: string; stopped: boolean } {
  const detector = new StopDetector(stops);
  let text = '';
  for (const piece of pieces) {
    const result = detector.push(piece);
    text += result.text;
    if (result.stopped) return { text, stopped: true };
  }
  return { text: text + detector.flush(), stopped: false };
}

/** Where a reader who looks at every prefix of the whole text first sees a stop string, at the earliest beginning. */
function expectedCut(stops: readonly string[], pieces: readonly string[]): string | undefined {
  let seen = '';
  for (const piece of pieces) {
    seen += piece;
    const cuts = stops.map((stop) => seen.indexOf(stop)).filter((at) => at !== -1);
    if (cuts.length > 0) return seen.slice(0, Math.min(...cuts));
  }
  return undefined;
}

describe('StopDetector', () => {
  it('cuts before a stop string that arrives in pieces', () => {
    expect(stream(['END'], ['one E', 'N', 'D two'])).toEqual({ text: 'one ', stopped: true });
  });

  it('holds back only what could begin a stop string', () => {
    const detector = new StopDetector(['\n\n']);
    expect(detector.push('a line\n')).toEqual({ text: 'a line', stopped: false });
    expect(detector.push('next')).toEqual({ text: '\nnext', stopped: false });
    expect(detector.flush()).toBe('');
  });

  it('takes the stop that begins first', () => {
    expect(stream(['cd', 'bcde'], ['abcdef'])).toEqual({ text: 'a', stopped: true });
  });

  it('agrees with a search in the whole text, however the text is split', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 3 }), fc.array(letters, { maxLength: 20 }), (stops, pieces) => {
        const cut = expectedCut(stops, pieces);
        expect(stream(stops, pieces)).toEqual({ text: cut ?? pieces.join(''), stopped: cut !== undefined });
      }),
    );
  });
});
