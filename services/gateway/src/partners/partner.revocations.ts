import { z } from 'zod';
import { followList, type ListSource } from '../callers/followed.list';

const PATH = '/.well-known/partner-revocations';
/** Null where the version is the one that is known. */
const answerShape = z.object({
  version: z.string().min(1),
  revoked: z.object({ keys: z.array(z.object({ clientId: z.string(), kid: z.string() })), suspended: z.array(z.string()) }).nullable(),
});

/** What merchants has shut out, whether accounts has heard of it or not. */
export interface PartnerRevocations {
  /** Says whether a token counts for nothing: it was got with a revoked key, whenever, or its partner is suspended. */
  refuses(token: { readonly partnerId: string; readonly clientId: string; readonly kid: string | undefined }): boolean;
  /** Resolves when merchants was asked once, whatever came of it. */
  readonly asked: Promise<void>;
  close(): void;
}

const nameOf = (clientId: string, kid: string): string => JSON.stringify([clientId, kid]);

/**
 * Keeps what is revoked as merchants tells it every other second. accounts, which gives tokens, hears of it by an event: while none goes through it gives them on to
 * who was shut out, and here they are worth nothing. While merchants is away, what is known stays.
 */
export function followRevocations(source: ListSource): PartnerRevocations {
  let version = '';
  let keys = new Set<string>();
  let suspended = new Set<string>();
  const { asked, close } = followList(source, {
    path: PATH,
    name: 'what is revoked of partners',
    known: () => version,
    take(answer) {
      const told = answerShape.parse(answer);
      if (told.revoked === null) return;
      version = told.version;
      keys = new Set(told.revoked.keys.map(({ clientId, kid }) => nameOf(clientId, kid)));
      suspended = new Set(told.revoked.suspended);
    },
  });
  return {
    refuses: ({ partnerId, clientId, kid }) => suspended.has(partnerId) || (kid !== undefined && keys.has(nameOf(clientId, kid))),
    asked,
    close,
  };
}
