import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from './chat-template.ts';

const texts = { bos: '<s>', eos: '</s>' };
const hi = [{ role: 'user', content: 'Hi' }];

describe('compileChatTemplate', () => {
  it('falls back on ChatML', () => {
    const template = compileChatTemplate(undefined, texts);
    expect(template.render(hi, undefined)).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
    expect(template).toMatchObject({ supportsTools: false, supportsSystem: true, supportsDeveloper: false });
  });

  it('finds out when a template refuses or drops system texts', () => {
    const refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}";
    const drops = "{% for m in messages if m.role == 'user' %}{{ bos_token + m.content }}{% endfor %}";
    expect(compileChatTemplate(refuses, texts).supportsSystem).toBe(false);
    expect(compileChatTemplate(drops, texts).supportsSystem).toBe(false);
    expect(compileChatTemplate(drops, texts).render(hi, undefined)).toBe('<s>Hi');
  });

  it('hands tools to templates that show them', () => {
    const template = compileChatTemplate('{% if tools %}{{ tools | tojson }}{% endif %}', texts);
    expect(template.supportsTools).toBe(true);
    expect(JSON.parse(template.render(hi, [{ type: 'function' }]))).toEqual([{ type: 'function' }]);
    expect(template.render(hi, undefined)).toBe('');
  });

  it('says in the template’s words why it refuses', () => {
    const template = compileChatTemplate("{{ raise_exception('Roles must alternate') }}", texts);
    expect(() => template.render(hi, undefined)).toThrowError('Roles must alternate');
  });
});
