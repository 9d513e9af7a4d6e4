import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { TextInput } from '@scarmonit/core/ports/model-runtime';

/** @throws ScarmonitError `unsupported` for token ids, `invalid_request` for an empty text, with its place */
export function readTexts(input: TextInput): readonly string[] {
  if (input.kind === 'tokens') {
    throw new ScarmonitError('unsupported', "Models of Workers AI take text, not token ids. Send 'input' as text.", {
      param: 'input',
    });
  }
  const { texts } = input;
  const empty = texts.indexOf('');
  if (empty === -1) return texts;
  const param = texts.length === 1 ? 'input' : `input[${empty}]`;
  throw new ScarmonitError('invalid_request', `'${param}' is empty. Send some text.`, { param });
}
