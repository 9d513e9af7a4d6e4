import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { HttpConnections, HttpTransport } from '@scarmonit/core/ports/http-transport';
import type { UpstreamTarget, UpstreamVersionSpec } from '@scarmonit/core/registry/version-spec';
import { cleanMessage } from '@scarmonit/core/upstream/clean-message';
import type { Choosable } from './choose-target.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { Identities } from './identities.ts';
import type { UpstreamOptions } from './options.ts';

/** One place that serves a version, with all that is known of it. */
export interface Target extends Choosable {
  weight: number;
  /** Of the manifest's list, from 0: how logs name it. */
  readonly index: number;
  readonly connections: HttpConnections;
  /** Of the base URL, without a slash at the end. */
  readonly basePath: string;
  /** The upstream's name for the model. */
  readonly model: string;
  /** What is sent with every request, the credentials included, if there are any. */
  headers: RequestHeaders;
  readonly breaker: CircuitBreaker;
  readonly identities: Identities;
  inFlight: number;
  /** What the upstream's words must not show to a client: its host and every key that it was ever sent. */
  readonly secrets: Set<string>;
  /** Makes the upstream's words public: without its keys and its address. */
  clean(message: string): string;
  /** Whether text shows one of {@link secrets}. */
  holdsSecret(text: string): boolean;
}

export interface RequestHeaders {
  readonly whole: Readonly<Record<string, string>>;
  readonly streamed: Readonly<Record<string, string>>;
}

export interface TargetParts {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /**
   * The value of `${NAME}`, to be sent to a base URL; undefined when it is not set.
   * @throws ScarmonitError `invalid_request` for a name that manifests may not use, and for an address it is not bound to
   */
  lookUpSecret(name: string, baseUrl: string): string | undefined;
}

/**
 * Makes the targets of a version ready to be asked. Nothing is sent.
 * @throws ScarmonitError `invalid_request` for a key that is not there and for an address that is none
 */
export function openTargets(
  spec: UpstreamVersionSpec,
  options: UpstreamOptions,
  parts: TargetParts,
): readonly Target[] {
  // All are checked before the first is opened, so that a bad one leaves nothing behind.
  const checked = spec.targets.map((target) => ({
    target,
    url: parseBaseUrl(target.baseUrl),
    apiKey: resolveKey(target, spec, parts),
  }));
  return checked.map(({ target, url, apiKey = '' }, index) => {
    const secrets = new Set([apiKey, url.host]);
    return {
      index,
      connections: parts.transport.open(url.origin, options),
      basePath: url.pathname.replace(/\/+$/, ''),
      model: target.model,
      headers: requestHeaders(apiKey),
      breaker: new CircuitBreaker(options.breaker, parts.clock),
      identities: new Identities(),
      weight: target.weight,
      inFlight: 0,
      credit: 0,
      secrets,
      clean: (message) => cleanMessage(message, secrets),
      holdsSecret: (text) => [...secrets].some((secret) => secret !== '' && text.includes(secret)),
    };
  });
}

/**
 * Checks the keys and weights that targets are to have from now on.
 * @param spec the same targets in the same order
 * @returns what gives them to the targets
 * @throws ScarmonitError `invalid_request` as {@link openTargets}
 */
export function prepareTargets(
  spec: UpstreamVersionSpec,
  targets: readonly Target[],
  parts: Pick<TargetParts, 'lookUpSecret'>,
): () => void {
  const changes = spec.targets.map((target) => ({
    apiKey: resolveKey(target, spec, parts) ?? '',
    weight: target.weight,
  }));
  return () => {
    for (const [index, target] of targets.entries()) {
      const { apiKey = '', weight = target.weight } = changes[index] ?? {};
      target.weight = weight;
      target.headers = requestHeaders(apiKey);
      target.secrets.add(apiKey);
    }
  };
}

/**
 * Nothing of the client's headers goes on: its credentials are ours to check, and its connection ends here.
 * @param apiKey empty: none is sent
 */
function requestHeaders(apiKey: string): RequestHeaders {
  const common = {
    'content-type': 'application/json',
    ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return {
    whole: { ...common, accept: 'application/json' },
    streamed: { ...common, accept: 'text/event-stream' },
  };
}

function parseBaseUrl(baseUrl: UpstreamTarget['baseUrl']): URL {
  const url = URL.parse(baseUrl);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new ScarmonitError('invalid_request', 'The baseUrl of an upstream must be an http or https address.', {
    param: 'baseUrl',
  });
}

function resolveKey(
  { apiKey, baseUrl }: Pick<UpstreamTarget, 'apiKey' | 'baseUrl'>,
  { model, version }: UpstreamVersionSpec,
  { lookUpSecret }: Pick<TargetParts, 'lookUpSecret'>,
): string | undefined {
  const name = apiKey === undefined ? undefined : /^\$\{(.+)\}$/.exec(apiKey)?.[1];
  const key = name === undefined ? apiKey : lookUpSecret(name, baseUrl);
  if (name !== undefined && (key === undefined || key === '')) {
    throw new ScarmonitError(
      'invalid_request',
      `The apiKey of ${model}@${version} is \${${name}}, which is not set. Set ${name} where the server starts.`,
      { code: 'missing_secret' },
    );
  }
  // A header cannot carry these, and the error of whoever refuses them would show the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new ScarmonitError(
      'invalid_request',
      `The apiKey of ${model}@${version}${name === undefined ? '' : `, \${${name}},`} holds characters that no key has: spaces, line ends or the like.`,
      { code: 'invalid_secret' },
    );
  }
  return key;
}
