import { readEnvironment } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { runCli } from './run-cli.ts';

const interrupt = new AbortController();
/** A terminal sends Ctrl-C to the whole group and the starter hands it on: what comes this soon is the same one. */
const sameSignalMs = 500;
let interruptedAt: number | undefined;
const stop = (): void => {
  // A second Ctrl-C means now.
  if (interruptedAt !== undefined && performance.now() - interruptedAt > sameSignalMs)
    process.exit(exitCodes.interrupted);
  interruptedAt ??= performance.now();
  interrupt.abort();
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// The reader of a pipe may leave early (`scarmonit … | head`); that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await runCli(process.argv.slice(2), process, readEnvironment(), interrupt.signal);
// What was interrupted may still hold sockets and files; nobody waits for them.
if (exitCode === exitCodes.interrupted) process.exit(exitCode);
process.exitCode = exitCode;
