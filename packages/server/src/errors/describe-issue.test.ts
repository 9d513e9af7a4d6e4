import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { newKeySchema } from '@scarmonit/protocol/admin/key';
import { chatCompletionRequestSchema } from '@scarmonit/protocol/openai/chat-completion-request';
import { embeddingRequestSchema } from '@scarmonit/protocol/openai/embedding';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseValue } from '../http/parse-body.ts';

function refusalOf(schema: z.ZodType, value: unknown): Pick<ScarmonitError, 'param' | 'code' | 'message'> {
  try {
    parseValue(schema, value);
  } catch (error) {
    if (error instanceof ScarmonitError) {
      const { param, code, message } = error;
      return { param, code, message };
    }
  }
  throw new Error('It was not refused.');
}

const user = { role: 'user', content: 'Hi' };
const chat = (fields: object) => ({ model: 'm', messages: [user], ...fields });
const said = (message: object) => chat({ messages: [user, message] });

describe('a chat request that is wrong', () => {
  it.each([
    [{ messages: [user] }, 'model', 'missing_required_parameter', "Missing required parameter: 'model'."],
    [{ model: 'm' }, 'messages', 'missing_required_parameter', "Missing required parameter: 'messages'."],
    [
      chat({ messages: 'Hi' }),
      'messages',
      'invalid_type',
      "Invalid type for 'messages': expected an array, but got a string instead.",
    ],
    [
      chat({ messages: [] }),
      'messages',
      'empty_array',
      "Invalid 'messages': empty array. Expected at least 1 element(s).",
    ],
    [
      said({ content: 'Hi' }),
      'messages[1].role',
      'missing_required_parameter',
      "Missing required parameter: 'messages[1].role'.",
    ],
    [
      said({ role: 5, content: '' }),
      'messages[1].role',
      'invalid_type',
      "Invalid type for 'messages[1].role': expected a string, but got an integer instead.",
    ],
    [
      said({ role: 'robot', content: '' }),
      'messages[1].role',
      'invalid_value',
      "Invalid value: 'robot'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool'.",
    ],
    [
      said({ role: 'user', content: 5 }),
      'messages[1].content',
      'invalid_type',
      "Invalid type for 'messages[1].content': expected one of a string or an array, but got an integer instead.",
    ],
    [
      said({ role: 'user', content: [{ type: 'text', text: 5 }] }),
      'messages[1].content[0].text',
      'invalid_type',
      "Invalid type for 'messages[1].content[0].text': expected a string, but got an integer instead.",
    ],
    [
      chat({ temperature: 3 }),
      'temperature',
      'integer_above_max_value',
      "Invalid 'temperature': integer above maximum value. Expected a value <= 2, but got 3 instead.",
    ],
    [
      chat({ top_p: -0.5 }),
      'top_p',
      'decimal_below_min_value',
      "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
    ],
    [
      chat({ max_tokens: 1.5 }),
      'max_tokens',
      'invalid_type',
      "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.",
    ],
    [
      chat({ stream: 'yes' }),
      'stream',
      'invalid_type',
      "Invalid type for 'stream': expected a boolean, but got a string instead.",
    ],
    [
      chat({ stop: [1] }),
      'stop[0]',
      'invalid_type',
      "Invalid type for 'stop[0]': expected a string, but got an integer instead.",
    ],
    [
      chat({ tool_choice: 'maybe' }),
      'tool_choice',
      'invalid_value',
      "Invalid value: 'maybe'. Supported values are: 'none', 'auto', 'required'.",
    ],
    [
      chat({ response_format: { type: 'xml' } }),
      'response_format.type',
      'invalid_value',
      "Invalid value for 'response_format.type': 'xml'.",
    ],
    [
      chat({ response_format: {} }),
      'response_format.type',
      'missing_required_parameter',
      "Missing required parameter: 'response_format.type'.",
    ],
  ])('%j names %s', (value, param, code, message) => {
    expect(refusalOf(chatCompletionRequestSchema, value)).toEqual({ param, code, message });
  });

  it('may be no object at all', () => {
    expect(refusalOf(chatCompletionRequestSchema, [])).toEqual({
      param: undefined,
      code: 'invalid_type',
      message: 'Invalid type for the request body: expected an object, but got an array instead.',
    });
  });

  it('may have fields that nobody knows', () => {
    expect(parseValue(chatCompletionRequestSchema, chat({ unheard_of: 1 }))).toMatchObject({ unheard_of: 1 });
  });
});

describe('other requests that are wrong', () => {
  it.each([
    [{ model: 'm', input: '' }, 'input', 'empty_string'],
    [{ model: 'm', input: ['a', ''] }, 'input[1]', 'empty_string'],
    [{ model: 'm', input: ['a', 1] }, 'input[1]', 'invalid_type'],
    [{ model: 'm', input: [] }, 'input', 'empty_array'],
    [{ model: 'm', input: {} }, 'input', 'invalid_type'],
    [{ model: 'm', input: 'a', encoding_format: 'hex' }, 'encoding_format', 'invalid_value'],
  ])('embeddings: %j names %s', (value, param, code) => {
    expect(refusalOf(embeddingRequestSchema, value)).toMatchObject({ param, code });
  });

  it('keys: a misspelt limit is not ignored', () => {
    const value = { name: 'ci', scopes: ['infer'], requestPerMinute: 5 };
    expect(refusalOf(newKeySchema, value)).toMatchObject({ param: 'requestPerMinute', code: 'unknown_parameter' });
  });
});
