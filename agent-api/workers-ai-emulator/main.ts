import { builtInAnswers } from './answers/built-in-answers.ts';
import { createScarmonitAnswers } from './answers/scarmonit-answers.ts';
import { type EmulatorConfig, readConfig, usage } from './config.ts';
import { startEmulator } from './start-emulator.ts';

await main();

async function main(): Promise<void> {
  let config: EmulatorConfig;
  try {
    config = readConfig();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const { port, answersFrom, apiToken, mostTokens } = config;
  const emulator = await startEmulator({
    port,
    answers:
      answersFrom === undefined
        ? builtInAnswers
        : createScarmonitAnswers({ ...answersFrom, ...(mostTokens === undefined ? {} : { mostTokens }) }),
    ...(apiToken === undefined ? {} : { apiToken }),
  });
  console.log(`Workers AI emulator on ${emulator.url}, answers ${answersFrom?.url ?? 'built in'}`);
  console.log(`  REST base URL   ${emulator.url}/client/v4`);
  console.log(`  what was asked  ${emulator.url}/emulator/requests`);
  const stop = (): void => void emulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
