import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { LoadedVersion, RequestContext, WireRequest } from '../ports/model-runtime.ts';
import type { PlainAnswer } from './plain-answer.ts';
import { readAnswer } from './read-answer.ts';
import type { ShadowWork } from './shadow-work.ts';

/**
 * Asks another version what a request asked, and reads its answer.
 * @throws ScarmonitError `unsupported` when it takes no requests of that kind; `bad_gateway` for an answer that cannot be
 *   read; and what the version throws
 */
export async function runCopy(version: LoadedVersion, work: ShadowWork, context: RequestContext): Promise<PlainAnswer> {
  const answer = readAnswer(await answerAgain(version, work, context));
  if (answer === undefined) throw new ScarmonitError('bad_gateway', 'The answer cannot be read.');
  return answer;
}

async function answerAgain(version: LoadedVersion, work: ShadowWork, context: RequestContext): Promise<ShadowWork> {
  switch (work.kind) {
    case 'classify':
      if (version.classify === undefined) throw cannot('classify');
      return { ...work, answer: await version.classify(work.request, context) };
    case 'embed':
      if (version.embed === undefined) throw cannot('embed');
      return { ...work, answer: await version.embed(work.request, context) };
    case 'generate':
      if (version.generate === undefined) throw cannot('generate text');
      return { ...work, answer: await collect(version.generate(work.request, context)) };
    case 'forward':
      return { ...work, answer: await forward(version, work.request, context) };
  }
}

async function forward(
  version: LoadedVersion,
  request: WireRequest,
  context: RequestContext,
): Promise<readonly string[]> {
  if (version.forward === undefined) throw cannot('take requests in wire format');
  const answer = await version.forward(request, context);
  if (answer.kind === 'json') return [answer.text];
  return (await collect(answer.chunks)).flatMap(({ text }) => (text === undefined ? [] : [text]));
}

async function collect<T>(parts: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const part of parts) collected.push(part);
  return collected;
}

function cannot(ability: string): ScarmonitError {
  return new ScarmonitError('unsupported', `The version cannot ${ability}.`);
}
