import { describe, expect, it } from 'vitest';
import { planAnswer } from './plan-answer.ts';
import { toolCallStyleOf } from './tool-calls/tool-call-style.ts';

const style = toolCallStyleOf({ source: '{{ tools }} <tool_call>', supportsTools: true });
const call = '<tool_call>{"name":"clock","arguments":{}}</tool_call>';
const request = { tools: [{ name: 'clock' }], toolChoice: 'auto', format: { type: 'text' } } as const;

describe('the plan of an answer with tools', () => {
  it('lets the model make several calls', () => {
    const { reader } = planAnswer(request, style, true);
    expect(reader?.push(call + call)).toHaveLength(2);
    expect(reader?.isComplete).toBe(false);
  });

  it('ends the answer with the first call where parallel calls are not wanted', () => {
    const { reader } = planAnswer({ ...request, parallelToolCalls: false }, style, true);
    expect(reader?.push(call + call)).toHaveLength(1);
    expect(reader?.isComplete).toBe(true);
  });
});
