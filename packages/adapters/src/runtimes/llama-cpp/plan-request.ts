import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { Token } from 'node-llama-cpp';
import { GrammarCache } from './grammar/grammar-cache.ts';
import type { LoadedModel } from './load-model.ts';
import type { AnswerPlan } from './plan-answer.ts';
import { planAnswer } from './plan-answer.ts';
import { compileChatTemplate } from './prompt/chat-template.ts';
import { controlTextPattern } from './prompt/escape-control-text.ts';
import { renderPrompt, withBos } from './prompt/render-prompt.ts';
import { readSampling, toEvaluateOptions } from './sampling.ts';
import type { RunPlan } from './text-run.ts';
import { checkLogprobs } from './token-logprobs.ts';
import { markersOf, toolCallStyleOf } from './tool-calls/tool-call-style.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * Turns a request into a plan that can be run.
 * @throws ScarmonitError `invalid_request`, `unsupported` or `context_length_exceeded`, naming the field to change
 */
export type RequestPlanner = (request: GenerateRequest) => RunPlan;

/** Reads the model's chat template once and returns what plans its requests. */
export function createRequestPlanner(loaded: LoadedModel, vocabulary: Vocabulary): RequestPlanner {
  const { model, llama, contextTokens } = loaded;
  const template = compileChatTemplate(chatTemplateOf(loaded), { bos: vocabulary.bosText, eos: vocabulary.eosText });
  const style = toolCallStyleOf(template);
  const controlPattern = controlTextPattern(vocabulary.controlTexts);
  const markers = shownMarkers(markersOf(style), vocabulary);
  const grammars = new GrammarCache(llama, model);

  const readPrompt = (request: GenerateRequest, answer: AnswerPlan): readonly Token[] => {
    const { input } = request;
    if (input.kind !== 'messages' && answer.reader !== undefined) {
      throw new ScarmonitError('unsupported', 'Tools can be called in chats only.', { param: 'tools' });
    }
    if (input.kind === 'tokens') return checkTokens(input.tokens, vocabulary);
    if (input.kind === 'text') {
      refuseHopelessLength(Buffer.byteLength(input.text), 'prompt');
      return withBos(vocabulary.tokenizeMarkup(input.text), vocabulary);
    }
    const bytes = input.messages.reduce((sum, message) => sum + Buffer.byteLength(message.content), 0);
    refuseHopelessLength(bytes, 'messages');
    const { templateTools: tools, guidance, opening } = answer;
    const parts = { messages: input.messages, tools, guidance, opening };
    return renderPrompt(parts, template, vocabulary, controlPattern);
  };

  /** A text of many times the limit is refused before it is tokenised, which would hold up everybody's answers. */
  const refuseHopelessLength = (bytes: number, param: string): void => {
    const least = Math.ceil(bytes / vocabulary.longestTokenBytes);
    if (least >= contextTokens) throw tooLong(`at least ${least}`, contextTokens, param);
  };

  return (request) => {
    if (!Number.isInteger(request.maxTokens) || request.maxTokens < 1) {
      throw new ScarmonitError('invalid_request', 'max_tokens must be a whole number from 1 on.', {
        param: 'max_tokens',
      });
    }
    const sampling = readSampling(request, vocabulary);
    checkLogprobs(request.topLogprobs, sampling.temperature);
    const answer = planAnswer(request, style, template.supportsTools);
    const grammar = answer.grammar === undefined ? undefined : grammars.start(answer.grammar);
    const prompt = readPrompt(request, answer);
    const param = request.input.kind === 'messages' ? 'messages' : 'prompt';
    if (prompt.length >= contextTokens) throw tooLong(String(prompt.length), contextTokens, param);
    if (prompt.length === 0) {
      throw new ScarmonitError('invalid_request', 'The prompt must not be empty.', { param });
    }
    return {
      prompt,
      maxTokens: Math.min(request.maxTokens, contextTokens - prompt.length),
      temperature: sampling.temperature,
      topLogprobs: request.topLogprobs,
      shownTokens: answer.reader === undefined ? noTokens : markers,
      answer: {
        stop: request.stop,
        reader: answer.reader,
        dropsFirstSpace: vocabulary.prefixesSpace && request.input.kind === 'messages',
      },
      evaluateOptions: (generated) => toEvaluateOptions(sampling, model, generated, contextTokens, grammar),
    };
  };
}

const noTokens: ReadonlyMap<Token, Uint8Array> = new Map();

function chatTemplateOf({ model }: LoadedModel): string | undefined {
  const template: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
  return typeof template === 'string' && template !== '' ? template : undefined;
}

function shownMarkers(texts: readonly string[], vocabulary: Vocabulary): ReadonlyMap<Token, Uint8Array> {
  const markers = new Map<Token, Uint8Array>();
  for (const text of texts) {
    const token = vocabulary.tokenOf(text);
    if (token !== undefined) markers.set(token, new TextEncoder().encode(text));
  }
  return markers;
}

function checkTokens(tokens: readonly number[], vocabulary: Vocabulary): readonly Token[] {
  for (const token of tokens) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary.size) {
      throw new ScarmonitError(
        'invalid_request',
        `prompt holds ${token}, which is no token of this model; they go from 0 to ${vocabulary.size - 1}.`,
        { param: 'prompt' },
      );
    }
  }
  return tokens as readonly Token[];
}

function tooLong(count: string, limit: number, param: string): ScarmonitError {
  return new ScarmonitError(
    'context_length_exceeded',
    `This model's context holds ${limit} tokens, answer included, but the prompt has ${count}. Shorten the ${param}.`,
    { code: 'context_length_exceeded', param },
  );
}
