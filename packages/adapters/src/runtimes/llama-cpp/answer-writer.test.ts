import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerWriter } from './answer-writer.ts';
import { ForcedToolCallReader } from './tool-calls/forced-tool-call.ts';

function write(pieces: readonly Uint8Array[], stop: readonly string[] = [], dropsFirstSpace = false): string {
  let text = '';
  const writer = new AnswerWriter({ stop, reader: undefined, dropsFirstSpace }, (event) => {
    if (event.type === 'text') text += event.text;
  });
  for (const piece of pieces) if (writer.write(piece, undefined)) break;
  writer.finish();
  return text;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('AnswerWriter', () => {
  it('never splits a character, however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(write([...utf8(text)].map((byte) => Uint8Array.of(byte)))).toBe(text);
      }),
    );
  });

  it('shows half a character at the end as the replacement character', () => {
    expect(write([utf8('a'), Uint8Array.of(0xe2, 0x82)])).toBe('a\uFFFD');
  });

  it('drops the one space that the tokeniser put first', () => {
    expect(write([utf8('  a b')], [], true)).toBe(' a b');
    expect(write([utf8(' a')], [], false)).toBe(' a');
  });

  it('gives out what was held back for a stop string that did not come', () => {
    expect(write([utf8('a\n')], ['\n\n'])).toBe('a\n');
  });

  it('ends with a forced call and numbers and names it once', () => {
    const events: GenerateEvent[] = [];
    const reader = new ForcedToolCallReader();
    const writer = new AnswerWriter({ stop: [], reader, dropsFirstSpace: false }, (event) => events.push(event));
    expect(writer.write(utf8('{"name": "f", "arguments": {"a"'), undefined)).toBe(false);
    expect(writer.write(utf8(': 1}}'), undefined)).toBe(true);
    expect(events).toEqual([
      { type: 'tool-call', index: 0, id: expect.stringMatching(/^call_[0-9a-f]{24}$/), name: 'f', argumentsDelta: '' },
      { type: 'tool-call', index: 0, argumentsDelta: '{"a"' },
      { type: 'tool-call', index: 0, argumentsDelta: ': 1}' },
    ]);
    expect(writer.hasCalls).toBe(true);
  });
});
