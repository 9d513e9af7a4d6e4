import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { UsageError } from '../usage-error.ts';

interface DeployOptions extends JsonOption {
  readonly target: string;
  readonly env: string;
  readonly config?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

export function createDeployCommand(context: CliContext): Command {
  return new Command('deploy')
    .description('put the API on Cloudflare Workers; the first time, make the D1, KV and R2 that it needs')
    .requiredOption('--target <host>', 'where to: cloudflare')
    .option('--env <name>', 'an environment of wrangler.jsonc: production or staging', 'production')
    .option('--config <path>', 'another configuration than agent-api/wrangler.jsonc')
    .option('--dry-run', 'build and measure the worker, and change nothing; needs no account')
    .option('-y, --yes', 'make what is missing in the account without asking')
    .addHelpText(
      'after',
      `
Settings (environment):
  CLOUDFLARE_API_TOKEN    may edit Workers, D1, KV and R2
  CLOUDFLARE_ACCOUNT_ID   where the token can see several accounts
  SCARMONIT_ADMIN_KEY     the first admin key; absent: one is made, and shown once

What is there already is used as it is, so it can be run again at any time. Ids are written into wrangler.jsonc.

Examples:
  $ scarmonit deploy --target cloudflare --dry-run
  $ scarmonit deploy --target cloudflare --env staging --yes`,
    )
    .action(async (options: DeployOptions) => {
      if (options.target !== 'cloudflare') {
        throw new UsageError(
          `--target must be cloudflare, not '${options.target}'. On a machine of your own, run: scarmonit serve`,
        );
      }
      const { deployToCloudflare, kindNames } = await import(
        '@scarmonit/agent-api/tools/provision/deploy-to-cloudflare'
      );
      const { terminal } = context;
      const deployed = await deployToCloudflare({
        env: context.config.env,
        environment: options.env,
        ...(options.config === undefined ? {} : { configPath: resolve(options.config) }),
        isDryRun: options.dryRun === true,
        output: terminal.stderr,
        signal: context.signal,
        confirm: async (missing, accountId) => {
          terminal.note(`To be made in the account ${accountId}, where use beyond the free allowance is billed:`);
          for (const { kind, name, binding } of missing) terminal.note(`  ${kindNames[kind]} ${name} (${binding})`);
          return options.yes === true || (await ask(context));
        },
      });
      if (options.dryRun === true) return showResult(context, options, deployed, () => []);
      showResult(context, options, deployed, () => [
        `${deployed.worker} is deployed.`,
        ...(deployed.adminKey === undefined
          ? []
          : [`The first admin key, which is shown only now: ${deployed.adminKey}`]),
      ]);
    });
}

async function ask({ terminal, signal }: CliContext): Promise<boolean> {
  const { stdin, stderr } = terminal;
  if (stdin.isTTY !== true) {
    throw new UsageError('Nothing was made: there is no terminal to ask at. Add --yes to have it made.');
  }
  const prompt = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question('Make them? [y/N] ', { signal })).trim());
  } finally {
    prompt.close();
  }
}
