import { resolve } from 'node:path';
import { checkWebhookUrl } from '@scarmonit/adapters/webhook/check-webhook-url';
import { createWebhookSigner } from '@scarmonit/adapters/webhook/sign-webhook';
import { type OtelSettings, readOtelSettings } from '@scarmonit/core/telemetry/read-otel-settings';
import { lookUpManifestSecret } from '../manifest-secrets.ts';
import { type EmailSettings, readEmailSettings, readSlackSettings, type SlackSettings } from '../people-channels.ts';
import { readSecretBindings, type SecretBindings } from '../secret-bindings.ts';

/** Everything that the Node host can be told, read once from the environment. */
export interface HostConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** How many processes answer HTTP requests; 1: this one alone. */
  readonly processes: number;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path of the manifest. */
  readonly configPath: string;
  /** The admin key to accept; when absent, one is made at the first start. */
  readonly adminKey: string | undefined;
  readonly logLevel: LogLevel;
  /** How long requests in flight may go on after SIGTERM. */
  readonly drainTimeoutMs: number;
  readonly maxBodyBytes: number;
  /** How long request records are kept, in days; 0 keeps them for ever. */
  readonly retentionDays: number;
  /** How long figures by hour and day are kept, in days; 0 keeps them for ever. */
  readonly metricsRetentionDays: number;
  /** Whether request records are kept as files before they are deleted. */
  readonly archiveRecords: boolean;
  /** Origins that browsers may call from. */
  readonly corsOrigins: readonly string[];
  readonly hub: { readonly endpoint: string; readonly token: string | undefined };
  /** The environment as npm's own configuration reads it: registry, proxies, credentials. */
  readonly npmEnvironment: Readonly<Record<string, string | undefined>>;
  /**
   * The value of `${NAME}` in a manifest; undefined when it is not set.
   * @throws ScarmonitError `invalid_request` for a name that manifests may not use, whether it is set or not
   */
  lookUpSecret(name: string): string | undefined;
  /** Where secrets may be sent beside where the manifest file sends them. */
  readonly secretBindings: SecretBindings;
  /** Where alerts and moves of rollouts are told. */
  readonly webhook: { readonly url: string; readonly secret: string; readonly allowPrivate: boolean } | undefined;
  readonly slack: SlackSettings | undefined;
  readonly email: EmailSettings | undefined;
  /** Where traces and metrics are sent, by the standard `OTEL_*` variables; undefined: nowhere. */
  readonly otel: OtelSettings | undefined;
  /** For `workers-ai` versions that name no account of their own. */
  readonly cloudflare: { readonly accountId: string | undefined; readonly apiToken: string | undefined };
  /** What engine processes get to see of the environment: no keys, no tokens. */
  readonly engineEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Engines need to find their libraries, devices and temporary files; whatever else is in the environment stays out. */
const engineVariables =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|NODE_(OPTIONS|COMPILE_CACHE|EXTRA_CA_CERTS)|(LD|DYLD|OMP|GGML|CUDA|VK|HIP|ROCR|NVIDIA_VISIBLE)_.*)$/;
const secretVariables = /KEY|TOKEN|SECRET|PASSWORD|AUTH/i;

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A setting that cannot be used; the message is one sentence that says the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the host's settings. The only place of the Node host that looks at the environment.
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): HostConfig {
  const text = (name: string, fallback: string): string => env[name] || fallback;
  const integer = (name: string, fallback: number, most: number): number => {
    const value = env[name];
    if (value === undefined || value === '') return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= 0 && number <= most) return number;
    throw new ConfigError(`${name} must be a whole number from 0 to ${most}, not '${value}'.`);
  };
  const logLevel = text('LOG_LEVEL', 'info');
  if (!isLogLevel(logLevel))
    throw new ConfigError(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not '${logLevel}'.`);
  return {
    host: text('HOST', '127.0.0.1'),
    port: integer('PORT', 8787, 65_535),
    processes: Math.max(1, integer('SCARMONIT_PROCESSES', 1, 256)),
    dataDir: resolve(text('SCARMONIT_DATA_DIR', '.scarmonit')),
    configPath: resolve(text('SCARMONIT_CONFIG', 'scarmonit.yaml')),
    adminKey: env.SCARMONIT_ADMIN_KEY || undefined,
    logLevel,
    drainTimeoutMs: integer('SCARMONIT_DRAIN_TIMEOUT_MS', 30_000, 3_600_000),
    maxBodyBytes: integer('SCARMONIT_MAX_BODY_BYTES', 10 * 1024 * 1024, 1024 * 1024 * 1024),
    retentionDays: integer('SCARMONIT_RETENTION_DAYS', 30, 36_500),
    metricsRetentionDays: integer('SCARMONIT_METRICS_RETENTION_DAYS', 30, 36_500),
    archiveRecords: env.SCARMONIT_ARCHIVE_RECORDS === 'true',
    corsOrigins: text('SCARMONIT_CORS_ORIGINS', '')
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
    hub: { endpoint: text('HF_ENDPOINT', 'https://huggingface.co'), token: env.HF_TOKEN || undefined },
    npmEnvironment: env,
    lookUpSecret: (name) => lookUpManifestSecret(env, name),
    secretBindings: orConfigError(() => readSecretBindings(text('SCARMONIT_SECRET_ORIGINS', ''))),
    webhook: readWebhook(env),
    slack: orConfigError(() => readSlackSettings(env)),
    email: orConfigError(() => readEmailSettings(env)),
    otel: readOtelSettings(env, { 'service.name': 'scarmonit', 'process.runtime.name': 'nodejs' }),
    cloudflare: {
      accountId: env.CLOUDFLARE_ACCOUNT_ID || undefined,
      apiToken: env.CLOUDFLARE_API_TOKEN || undefined,
    },
    engineEnvironment: Object.fromEntries(
      Object.entries(env).filter(([name]) => engineVariables.test(name) && !secretVariables.test(name)),
    ),
  };
}

function readWebhook(env: Readonly<Record<string, string | undefined>>): HostConfig['webhook'] {
  const { SCARMONIT_WEBHOOK_URL: url, SCARMONIT_WEBHOOK_SECRET: secret } = env;
  if (!url) return undefined;
  if (!secret) throw new ConfigError('SCARMONIT_WEBHOOK_URL is set and SCARMONIT_WEBHOOK_SECRET is not. Set both.');
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

function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}
