import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { NewApiKey } from '../services/agent-services.ts';
import type { Scope } from './api-key.ts';

const KNOWN_SCOPES: readonly Scope[] = ['infer', 'read', 'admin'];
const NAME_LIMIT = 100;

/**
 * Checks what is asked of a new key.
 * @param now milliseconds since the Unix epoch
 * @throws ScarmonitError `invalid_request` with the field in `param`
 */
export function checkNewKey(wanted: NewApiKey, now: number): void {
  const name = wanted.name.trim();
  if (name === '' || name.length > NAME_LIMIT) refuse('name', `must have 1 to ${NAME_LIMIT} characters`);
  if (wanted.scopes.length === 0) refuse('scopes', `must name at least one of ${KNOWN_SCOPES.join(', ')}`);
  for (const scope of wanted.scopes) {
    if (!KNOWN_SCOPES.includes(scope)) refuse('scopes', `knows ${KNOWN_SCOPES.join(', ')}, not "${scope}"`);
  }
  if (wanted.models?.length === 0) refuse('models', 'must name at least one model; leave it out to allow all');
  if (wanted.models?.some((model) => model.trim() === '')) refuse('models', 'must not hold an empty name');
  if (wanted.models !== undefined && wanted.scopes.some((scope) => scope !== 'infer')) {
    refuse('models', 'goes with the scope infer alone: whoever manages models sees and changes all of them');
  }
  checkLimit('requestsPerMinute', wanted.requestsPerMinute);
  checkLimit('tokensPerMinute', wanted.tokensPerMinute);
  if (wanted.expiresAt !== undefined && !(wanted.expiresAt > now)) refuse('expiresAt', 'must lie in the future');
}

function checkLimit(param: string, limit: number | undefined): void {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    refuse(param, 'must be a whole number above 0; leave it out for no limit');
  }
}

function refuse(param: string, rule: string): never {
  throw new ScarmonitError('invalid_request', `${param} ${rule}.`, { param });
}
