import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ApiKey, Scope } from '../keys/api-key.ts';
import { hasScope, isUsable } from '../keys/check-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hash } from '../ports/hash.ts';
import type { Ids } from '../ports/ids.ts';
import type { Session, SessionRepository } from '../ports/session-repository.ts';
import type { KeyService } from '../services/agent-services.ts';

const TOKEN_BYTES = 32;
const DAY_MS = 24 * 60 * 60 * 1000;
const LIFETIME_MS = 7 * DAY_MS;

export interface SessionServiceParts {
  readonly repository: SessionRepository;
  readonly keys: Pick<KeyService, 'authenticate' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: Pick<Ids, 'randomBytes'>;
  readonly hash: Hash;
}

/** Signed-in browsers: an opaque token stands for a key, until sign-out, a week later, or when the key ends. */
export interface SessionService {
  /** @throws ScarmonitError as `KeyService.authenticate` for a key that may not read */
  open(secret: string | undefined): Promise<OpenedSession>;
  /**
   * Who a token stands for, now: of the key only what the store says at this moment counts.
   * @throws ScarmonitError `unauthenticated` (code `session_ended`) or `forbidden`
   */
  authenticate(token: string, scope: Scope): Promise<ApiKey>;
  /** Ends it. Without effect on a token that stands for nothing. */
  close(token: string): Promise<void>;
}

export interface OpenedSession {
  /** 256 random bits in hex; kept nowhere. */
  readonly token: string;
  readonly key: ApiKey;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export function createSessionService(parts: SessionServiceParts): SessionService {
  const { repository, keys, clock, ids, hash } = parts;

  const findKey = async (session: Session): Promise<ApiKey | undefined> =>
    (await keys.list(session.projectId)).find(({ id }) => id === session.keyId);

  return {
    async open(secret) {
      const key = keys.authenticate(secret, 'read');
      const token = toHex(ids.randomBytes(TOKEN_BYTES));
      const createdAt = clock.now();
      const expiresAt = Math.min(createdAt + LIFETIME_MS, key.expiresAt ?? Number.POSITIVE_INFINITY);
      await repository.deleteExpired(createdAt);
      const { projectId, id: keyId } = key;
      await repository.insert({ sha256: hash.sha256Hex(token), projectId, keyId, createdAt, expiresAt });
      return { token, key, expiresAt };
    },

    async authenticate(token, scope) {
      const session = await repository.find(hash.sha256Hex(token));
      if (session === undefined || session.expiresAt <= clock.now()) throw ended('The session has ended.');
      const key = await findKey(session);
      if (key === undefined || !isUsable(key, clock.now())) {
        throw ended('The session has ended, because its key was revoked or has expired.');
      }
      if (hasScope(key, scope)) return key;
      throw new ScarmonitError(
        'forbidden',
        `You signed in with a key of the scope ${key.scopes.join(', ')}; this needs ${scope}. Sign in with another key.`,
        { code: 'insufficient_permissions' },
      );
    },

    close: (token) => repository.delete(hash.sha256Hex(token)),
  };
}

function ended(why: string): ScarmonitError {
  return new ScarmonitError('unauthenticated', `${why} Sign in again.`, { code: 'session_ended' });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
