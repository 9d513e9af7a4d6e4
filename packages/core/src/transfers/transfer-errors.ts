import { ScarmonitError } from '../errors/scarmonit-error.ts';

/** What an aborted transfer throws. */
export function cancelledTransfer(signal: AbortSignal): ScarmonitError {
  return new ScarmonitError('cancelled', 'the download was cancelled', { cause: signal.reason });
}

/** @throws ScarmonitError `cancelled` when the signal was aborted */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelledTransfer(signal);
}

/**
 * What an error of the network, the disk or a library means to whoever wanted `reference`. The text of the original is
 * kept: "connect ECONNREFUSED" helps who reads it.
 */
export function asTransferError(error: unknown, reference: string, signal: AbortSignal): ScarmonitError {
  if (signal.aborted) return cancelledTransfer(signal);
  if (error instanceof ScarmonitError) return error;
  return new ScarmonitError('engine_failure', `${reference}: the transfer failed: ${describeError(error)}`, {
    cause: error,
  });
}

/** One line about an error; Node's aggregate of connection failures has an empty message of its own. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(describeError))].join('; ');
  }
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? ` (${describeError(error.cause)})` : '';
    return `${error.message || error.name}${cause}`;
  }
  return String(error);
}

/** Whether trying the same source again may help. */
export function isTransient(error: ScarmonitError): boolean {
  return error.kind === 'engine_failure' || error.kind === 'overloaded' || error.kind === 'timeout';
}
