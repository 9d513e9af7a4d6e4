import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** A request that OpenAI would serve and this server does not; `message` says what to do instead. */
export function unsupported(param: string, message: string): ScarmonitError {
  return new ScarmonitError('unsupported', message, { param });
}

/** A field that must be there, given what else is. */
export function missing(param: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `Missing required parameter: '${param}'.`, {
    param,
    code: 'missing_required_parameter',
  });
}

/** A field whose value does not fit the rest of the request. */
export function invalidValue(param: string, message: string): ScarmonitError {
  return new ScarmonitError('invalid_request', message, { param, code: 'invalid_value' });
}
