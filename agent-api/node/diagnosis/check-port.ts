import { createServer } from 'node:net';
import type { HostConfig } from '../config.ts';
import type { Check } from './finding.ts';

const probeTimeoutMs = 2_000;

export const checkPort: Check = async ({ config, holder }) => {
  const { host, port } = config;
  const place = `${host}:${port}`;
  const problem = await tryToListen(config);
  if (problem === undefined) {
    if (holder === undefined) return [{ status: 'ok', message: `${place} is free.` }];
    const message = `${place} is free, but process ${holder.processId} holds the data directory since ${holder.since}.`;
    return [
      {
        status: 'warn',
        message,
        fix: `If that is a server on another port, set PORT; else stop it: kill ${holder.processId}`,
      },
    ];
  }
  if (problem !== 'EADDRINUSE') {
    const fix = 'Set HOST to an address of this machine and PORT to a port that you may use (1024 and above).';
    return [{ status: 'fail', message: `${place} cannot be listened on (${problem}).`, fix }];
  }
  if (await answersAsScarmonit(config)) return [{ status: 'ok', message: `Scarmonit serves on ${place}.` }];
  const fix = 'Stop the program that uses it, or choose another port: PORT=8788 npm start';
  return [{ status: 'fail', message: `${place} is taken by another program.`, fix }];
};

/** @returns the error's code, or undefined when it works */
function tryToListen({ host, port }: HostConfig): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function answersAsScarmonit({ host, port }: HostConfig): Promise<boolean> {
  const reachable =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${reachable}:${port}/healthz`, {
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok';
  } catch {
    return false;
  }
}
