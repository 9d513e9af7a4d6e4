import { checkWebhookUrl } from '@scarmonit/adapters/webhook/check-webhook-url';
import { createWebhookSigner } from '@scarmonit/adapters/webhook/sign-webhook';
import { type OtelSettings, readOtelSettings } from '@scarmonit/core/telemetry/read-otel-settings';
import { lookUpManifestSecret } from '../manifest-secrets.ts';
import { readSlackSettings, type SlackSettings } from '../people-channels.ts';
import { createSecretGuard, readSecretBindings, type SecretGuard } from '../secret-bindings.ts';
import type { Env } from './env.ts';

/** Everything that the worker can be told, read at its first request. */
export interface WorkerConfig {
  readonly adminKey: string;
  readonly encryptionKey: string;
  readonly maxBodyBytes: number;
  readonly corsOrigins: readonly string[];
  readonly retentionDays: number;
  readonly metricsRetentionDays: number;
  readonly archiveRecords: boolean;
  readonly migrateAtStart: boolean;
  readonly aiTakesSignal: boolean;
  readonly webhook: WebhookConfig | undefined;
  readonly slack: SlackSettings | undefined;
  readonly accessLog: boolean;
  /** Where traces and metrics are sent; undefined: nowhere. */
  readonly otel: OtelSettings | undefined;
  readonly trustConnectingIp: boolean;
  /** Gives the secrets of the worker that manifests name to the addresses that they are bound to. */
  readonly secrets: SecretGuard;
}

export interface WebhookConfig {
  readonly url: string;
  readonly secret: string;
  readonly allowPrivate: boolean;
}

/** A setting that cannot be used; the message is one sentence that says the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const shortestSecret = 16;

/**
 * Checks the worker's secrets and variables.
 * @throws ConfigError
 */
export function readConfig(env: Env): WorkerConfig {
  return {
    adminKey: requireSecret(env, 'API_KEY', 'the first admin key'),
    encryptionKey: requireSecret(env, 'ENCRYPTION_KEY', 'the key for data at rest'),
    maxBodyBytes: readInteger(env, 'MAX_BODY_BYTES', 10 * 1024 * 1024),
    corsOrigins: (env.CORS_ORIGINS ?? '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
    retentionDays: readInteger(env, 'RETENTION_DAYS', 30),
    metricsRetentionDays: readInteger(env, 'METRICS_RETENTION_DAYS', 30),
    archiveRecords: env.ARCHIVE_RECORDS === 'true',
    migrateAtStart: env.MIGRATE_AT_START === 'true',
    aiTakesSignal: env.AI_TAKES_SIGNAL === 'true',
    webhook: readWebhook(env),
    slack: orConfigError(() => readSlackSettings(textsOf(env))),
    accessLog: env.ACCESS_LOG === 'true',
    otel: readOtel(env),
    trustConnectingIp: env.TRUST_CF_CONNECTING_IP === 'true',
    secrets: guardSecrets(env),
  };
}

/** Manifests come over HTTP alone here, so that no manifest binds a secret. */
function guardSecrets(env: Env): SecretGuard {
  const bindings = orConfigError(() => readSecretBindings(env.SCARMONIT_SECRET_ORIGINS ?? ''));
  return createSecretGuard({
    lookUp: (name) => lookUpManifestSecret({ ...env }, name),
    bindings: () => bindings,
    explainRemedy: (entry) =>
      `Add ${entry} to SCARMONIT_SECRET_ORIGINS, a variable or secret of the worker: npx wrangler secret put SCARMONIT_SECRET_ORIGINS`,
    // The binding brings an account of its own.
    isUnused: ({ runtime }) => runtime === 'workers-ai',
  });
}

/** What is text in an environment that holds bindings as well. */
function textsOf(env: Env): Readonly<Record<string, string>> {
  const texts = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}

function readOtel(env: Env): OtelSettings | undefined {
  return readOtelSettings(textsOf(env), {
    'service.name': 'scarmonit',
    'cloud.platform': 'cloudflare.workers',
  });
}

function readWebhook(env: Env): WebhookConfig | undefined {
  const { SCARMONIT_WEBHOOK_URL: url, SCARMONIT_WEBHOOK_SECRET: secret } = env;
  if (!url) return undefined;
  if (!secret) {
    throw new ConfigError(
      'SCARMONIT_WEBHOOK_URL is set and the secret SCARMONIT_WEBHOOK_SECRET is not. Set it: npx wrangler secret put SCARMONIT_WEBHOOK_SECRET',
    );
  }
  const allowPrivate = env.SCARMONIT_WEBHOOK_ALLOW_PRIVATE === 'true';
  orConfigError(() => {
    checkWebhookUrl(url, { allowPrivate });
    createWebhookSigner(secret);
  });
  return { url, secret, allowPrivate };
}

function orConfigError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function requireSecret(env: Env, name: 'API_KEY' | 'ENCRYPTION_KEY', what: string): string {
  const secret = env[name];
  if (secret !== undefined && secret.length >= shortestSecret) return secret;
  const problem = secret ? `is shorter than ${shortestSecret} characters` : 'is not set';
  throw new ConfigError(`The secret ${name}, ${what}, ${problem}. Set it: npx wrangler secret put ${name}`);
}

function readInteger(
  env: Env,
  name: 'MAX_BODY_BYTES' | 'RETENTION_DAYS' | 'METRICS_RETENTION_DAYS',
  fallback: number,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new ConfigError(`The variable ${name} must be a whole number above 0, not '${text}'.`);
}
