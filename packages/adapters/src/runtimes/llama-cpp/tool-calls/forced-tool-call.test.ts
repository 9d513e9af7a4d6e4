import { describe, expect, it } from 'vitest';
import { ForcedToolCallReader } from './forced-tool-call.ts';

describe('ForcedToolCallReader', () => {
  it('streams the arguments of the call as they come', () => {
    const reader = new ForcedToolCallReader();
    expect(reader.push('{"name": "wea')).toEqual([]);
    expect(reader.push('ther", "arguments": {"city"')).toEqual([
      { type: 'call', name: 'weather', argumentsDelta: '' },
      { type: 'arguments', argumentsDelta: '{"city"' },
    ]);
    expect(reader.isComplete).toBe(false);
    expect(reader.push(': "R}"}}')).toEqual([{ type: 'arguments', argumentsDelta: ': "R}"}' }]);
    expect(reader.isComplete).toBe(true);
    expect(reader.push(']')).toEqual([]);
  });
});
