import { Template } from '@huggingface/jinja';

/** A message in the form that Hugging Face chat templates read. */
export interface TemplateMessage {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
  readonly tool_calls?: readonly TemplateToolCall[];
  readonly tool_call_id?: string;
}

export interface TemplateToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: unknown };
}

/** A model's chat template with what was found out about it. */
export interface ChatTemplate {
  readonly source: string;
  readonly supportsTools: boolean;
  readonly supportsSystem: boolean;
  readonly supportsDeveloper: boolean;
  /**
   * Lays the conversation out and opens the assistant's turn.
   * @throws Error with the template's own words when it refuses the conversation
   */
  render(messages: readonly TemplateMessage[], tools: readonly unknown[] | undefined): string;
}

/** ChatML, for models that bring no template. */
const chatMlTemplate =
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * Compiles a Jinja chat template and tries out which roles it shows.
 * @param source the GGUF's `tokenizer.chat_template`; ChatML when there is none
 * @throws Error when the template cannot be parsed
 */
export function compileChatTemplate(
  source: string | undefined,
  texts: { readonly bos: string; readonly eos: string },
): ChatTemplate {
  const text = source ?? chatMlTemplate;
  const template = new Template(text);
  const render: ChatTemplate['render'] = (messages, tools) =>
    template.render({
      messages,
      ...(tools === undefined ? {} : { tools }),
      add_generation_prompt: true,
      bos_token: texts.bos,
      eos_token: texts.eos,
    });
  const shows = (role: string): boolean => {
    try {
      const probe = 'probe-of-the-role';
      return render(
        [
          { role, content: probe },
          { role: 'user', content: 'hi' },
        ],
        undefined,
      ).includes(probe);
    } catch {
      return false;
    }
  };
  return {
    source: text,
    supportsTools: /\btools\b/.test(text),
    supportsSystem: shows('system'),
    supportsDeveloper: /\bdeveloper\b/.test(text) && shows('developer'),
    render,
  };
}
