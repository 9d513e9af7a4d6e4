import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { classificationListSchema } from '@scarmonit/protocol/api/infer';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';

const messages = [{ role: 'user', content: 'Hi' }];

describe.each(['/api/infer?task=chat', '/api/infer', '/api/chat'])('POST %s', (path) => {
  it('chats with the chat model', async () => {
    const api = createTestApi();
    const response = await api.post(path, { messages });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    expect(await response.json()).toMatchObject({ object: 'chat.completion', model: 'chat-model' });
    expect(api.state.calls[0]?.call).toMatchObject({ model: 'chat-model', route: path.split('?')[0] });
  });

  it('streams', async () => {
    const response = await createTestApi().post(path, { messages, stream: true });
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('lets the body choose the model', async () => {
    const response = await createTestApi().post(path, { model: 'other', messages });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_found' } });
  });
});

describe('POST /api/infer', () => {
  it.each(['input', 'text'])('embeds what stands in %s', async (field) => {
    const response = await createTestApi().post('/api/infer?task=embedding', { [field]: ['a', 'b'] });
    expect(await response.json()).toMatchObject({
      object: 'list',
      model: 'embed-model',
      data: [{ object: 'embedding', index: 0 }, { index: 1 }],
    });
  });

  it.each(['input', 'text'])('classifies what stands in %s', async (field) => {
    const api = createTestApi();
    const response = await api.post('/api/infer?task=classification', { [field]: 'a' });
    expect(response.headers.get('x-model-version')).toBe('1.0.0');
    const labels = [
      { label: 'positive', score: 0.9 },
      { label: 'negative', score: 0.1 },
    ];
    expect(classificationListSchema.parse(await response.json())).toEqual({
      object: 'list',
      data: [{ object: 'classification', index: 0, label: 'positive', score: 0.9, labels }],
      model: 'label-model',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(api.state.settled).toEqual([4]);
  });

  it.each([
    ['?task=embedding', {}, 'input', 'missing_required_parameter'],
    ['?task=classification', { text: '' }, 'text', 'empty_string'],
    ['?task=poetry', { messages }, 'task', 'invalid_value'],
    ['?task=chat', {}, 'messages', 'missing_required_parameter'],
  ])('%s refuses %j, naming %s', async (query, body, param, code) => {
    const response = await createTestApi().post(`/api/infer${query}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, code } });
  });

  it('hands on that several models could answer', async () => {
    const api = createTestApi();
    const ambiguous = new ScarmonitError('invalid_request', "Several models could: a, b. Name one in 'model'.", {
      param: 'model',
    });
    api.state.failure = ambiguous;
    const response = await api.post('/api/infer', { messages });
    expect(await response.json()).toMatchObject({ error: { message: ambiguous.message, param: 'model' } });
  });
});
