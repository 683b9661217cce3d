import type { Logger } from '@tael/platform/log';
import type { Sealer } from '@tael/platform/seal';
import { decodeJwt } from 'jose';
import { uuidOf } from '../ids.domain';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import { attemptSubject } from '../sessions/device.domain';

interface FailureParts {
  readonly attempts: AttemptService;
  readonly sealer: Sealer;
  readonly log: Logger;
  readonly attemptsMax: number;
}

/** One request to sign a client in. */
export interface ClientAttempt {
  /** Says whether its network may try. */
  mayTry(): Promise<boolean>;
  /** Counts it as a failure. */
  failed(): Promise<void>;
}

/** Whom a request says that it comes from; nothing of it is true yet. */
function claimedClient(body: string): string | undefined {
  const form = new URLSearchParams(body);
  try {
    return uuidOf(form.get('client_id') ?? decodeJwt(form.get('client_assertion') ?? '').sub ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Counts failed sign-ins of clients. A network that fails too often is refused for a while. A client that fails too often
 * is not: its id is no secret, so anybody could keep a bank out by failing in its name, and a key of 256 bits is not found by
 * trying. Operators are told of it.
 */
export class ClientFailures {
  private readonly limit: AttemptLimit;

  constructor(private readonly parts: FailureParts) {
    this.limit = { kind: 'FAILED_CLIENT', attemptsMax: parts.attemptsMax, windowSeconds: 900 };
  }

  attempt(address: string, body: string): ClientAttempt {
    const { attempts, sealer, log } = this.parts;
    const network = sealer.blindIndex(attemptSubject(address), 'address');
    return {
      mayTry: () => attempts.isOpen(this.limit, network),
      failed: async () => {
        await attempts.take(this.limit, network);
        const clientId = claimedClient(body);
        if (clientId === undefined || (await attempts.take(this.limit, clientId))) return;
        log.warn({ clientId }, 'a client of a partner bank, or somebody in its name, fails to sign in again and again');
      },
    };
  }
}
