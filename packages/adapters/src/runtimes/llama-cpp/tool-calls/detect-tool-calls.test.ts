import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolCallDetector } from './detect-tool-calls.ts';
import type { ReaderOutput } from './tool-call-reader.ts';
import { toolCallStyleOf } from './tool-call-style.ts';

const styles = {
  hermes: toolCallStyleOf({ source: '{{ tools }} <tool_call>', supportsTools: true }),
  llama: toolCallStyleOf({ source: '{{ tools }} {"name": function name, "parameters": …}', supportsTools: true }),
  mistral: toolCallStyleOf({ source: '{{ tools }} [TOOL_CALLS]', supportsTools: true }),
  taught: toolCallStyleOf({ source: '', supportsTools: false }),
};

const noLimit = Number.POSITIVE_INFINITY;

function read(
  style: keyof typeof styles,
  pieces: readonly string[],
  maxCalls = noLimit,
): { text: string; calls: readonly string[] } {
  const detector = new ToolCallDetector(styles[style], ['weather', 'clock'], maxCalls);
  const outputs: ReaderOutput[] = [...pieces.flatMap((piece) => [...detector.push(piece)]), ...detector.flush()];
  return {
    text: outputs.map((output) => (output.type === 'text' ? output.text : '')).join(''),
    calls: outputs.flatMap((output) => (output.type === 'call' ? [`${output.name}${output.argumentsDelta}`] : [])),
  };
}

describe('ToolCallDetector', () => {
  it('finds several calls of the Hermes style with text before them', () => {
    const answer =
      'Let me see. <tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>\n' +
      '<tool_call>{"name":"clock","arguments":{}}</tool_call>';
    expect(read('hermes', [...answer])).toEqual({
      text: 'Let me see. ',
      calls: ['weather{"city":"Rome"}', 'clock{}'],
    });
  });

  it('finds the bare call of the Llama style', () => {
    expect(read('llama', ['{"name": "weather", ', '"parameters": {"city": "}"}}'])).toEqual({
      text: '',
      calls: ['weather{"city":"}"}'],
    });
  });

  it('finds the list of calls of the Mistral style', () => {
    expect(read('mistral', ['[TOOL_CALLS] [{"name": "clock", "arguments": {}}]']).calls).toEqual(['clock{}']);
  });

  it('understands bare and tagged calls of models that were taught in a system text', () => {
    expect(read('taught', ['{"name": "clock", "arguments": {}}']).calls).toEqual(['clock{}']);
    expect(read('taught', ['<tool_call>{"name": "clock", "arguments": {}}</tool_call>']).calls).toEqual(['clock{}']);
  });

  it('gives calls of unknown tools, broken JSON and unfinished calls as the text that they are', () => {
    for (const answer of [
      '<tool_call>{"name": "bomb", "arguments": {}}</tool_call>',
      '<tool_call>{"name": "clock", arguments}</tool_call> so',
      'a <tool_call> b',
      '<tool_call>{"name": "clock", "argu',
    ]) {
      expect(read('hermes', [...answer])).toEqual({ text: answer, calls: [] });
    }
  });

  it('lets JSON that cannot be a call flow at once', () => {
    const detector = new ToolCallDetector(styles.llama, ['clock'], noLimit);
    expect(detector.push('{"colour": ')).toEqual([
      { type: 'text', text: '{' },
      { type: 'text', text: '"colour": ' },
    ]);
  });

  it.each([
    [
      'hermes',
      '<tool_call>{"name":"clock","arguments":{}}</tool_call> and <tool_call>{"name":"weather","arguments":{}}',
    ],
    ['mistral', '[TOOL_CALLS][{"name":"clock","arguments":{}},{"name":"weather","arguments":{}}]'],
  ] as const)('ends the answer with the last call that is allowed: %s', (style, answer) => {
    expect(read(style, [...answer], 1)).toEqual({ text: '', calls: ['clock{}'] });
    expect(read(style, [answer], 1)).toEqual({ text: '', calls: ['clock{}'] });
    const detector = new ToolCallDetector(styles[style], ['weather', 'clock'], 1);
    detector.push(answer.slice(0, 20));
    expect(detector.isComplete).toBe(false);
    detector.push(answer.slice(20));
    expect(detector.isComplete).toBe(true);
  });

  it('holds back nothing but the beginning of a marker', () => {
    const detector = new ToolCallDetector(styles.hermes, ['clock'], noLimit);
    expect(detector.push('2 <')).toEqual([{ type: 'text', text: '2 ' }]);
    expect(detector.push(' 3')).toEqual([{ type: 'text', text: '< 3' }]);
  });

  it('reads the same from any split of an answer', () => {
    const parts = fc.constantFrom(
      'text ',
      '<tool_call>',
      '</tool_call>',
      '{"name": "clock", "arguments": {}}',
      '{"a": 1}',
      '<',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 6 }),
        fc.constantFrom('hermes', 'taught', 'llama'),
        fc.array(fc.nat(200)),
        (answerParts, style, cuts) => {
          const answer = answerParts.join('');
          const places = [...new Set(cuts.map((cut) => cut % (answer.length + 1)))].sort((a, b) => a - b);
          const pieces = [...places, answer.length].map((end, index) => answer.slice(places[index - 1] ?? 0, end));
          expect(read(style, pieces)).toEqual(read(style, [answer]));
        },
      ),
    );
  });
});
