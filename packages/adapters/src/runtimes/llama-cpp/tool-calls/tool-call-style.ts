/** How a model writes its calls of tools. */
export interface ToolCallStyle {
  readonly name: 'hermes' | 'llama' | 'mistral';
  /** Text that begins a call in the middle of an answer. */
  readonly marker: string;
  /** Text that may follow a call and is no part of the answer. */
  readonly closing: string;
  /** The whole answer may be one bare JSON call. */
  readonly allowsBare: boolean;
  /** What a forced call begins with; a JSON call follows. */
  readonly opening: string;
  /** The field that holds the arguments. */
  readonly argumentsKey: 'arguments' | 'parameters';
}

/** `<tool_call>{"name": …, "arguments": …}</tool_call>`: Hermes, Qwen, and models that know no tools of their own. */
const hermes: ToolCallStyle = {
  name: 'hermes',
  marker: '<tool_call>',
  closing: '</tool_call>',
  allowsBare: false,
  opening: '<tool_call>\n',
  argumentsKey: 'arguments',
};

/** `{"name": …, "parameters": …}` as the whole answer: Llama 3.1 and later. */
const llama: ToolCallStyle = {
  name: 'llama',
  marker: '<|python_tag|>',
  closing: '',
  allowsBare: true,
  opening: '',
  argumentsKey: 'parameters',
};

/** `[TOOL_CALLS][{"name": …, "arguments": …}]`: Mistral up to its third tokeniser. */
const mistral: ToolCallStyle = {
  name: 'mistral',
  marker: '[TOOL_CALLS]',
  closing: '',
  allowsBare: false,
  opening: '[TOOL_CALLS][',
  argumentsKey: 'arguments',
};

/** Tells a model's style from its chat template. Models whose template shows no tools are taught Hermes' style. */
export function toolCallStyleOf(template: { readonly source: string; readonly supportsTools: boolean }): ToolCallStyle {
  const { source, supportsTools } = template;
  if (supportsTools && source.includes('[TOOL_CALLS]')) return mistral;
  if (supportsTools && !source.includes('<tool_call>') && source.includes('"parameters"')) return llama;
  return supportsTools ? hermes : { ...hermes, allowsBare: true };
}

/** Control tokens that must be seen as text, because they begin or end a call. */
export function markersOf(style: ToolCallStyle): readonly string[] {
  return [style.marker, style.closing].filter((text) => text !== '');
}
