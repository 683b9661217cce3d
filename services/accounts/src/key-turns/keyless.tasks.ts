import type { SealRing } from '@tael/platform/env';
import { type OnFault, type ResealTask, Unreadable } from '@tael/platform/reseal';
import { blindKey, oldestOf, type Sealer, wrapFingerprint } from '@tael/platform/seal';
import { RECOVERY_PURPOSE } from '../second-factor/code.service';

/** Gives cards that were fingerprinted under the oldest key itself a key of their own. No number is needed for it. */
export function keylessCards(sealer: Sealer, ring: SealRing, onFault: OnFault): ResealTask {
  const table = 'payment_method';
  const column = 'fingerprint';
  const unreadable = new Unreadable();
  const oldest = oldestOf(ring).key;
  return {
    table,
    column,
    async left(manager) {
      const [row] = await manager.query(
        '/* reseal.keylessCards */ SELECT count(*)::int AS rows FROM payment_method WHERE "fingerprintKey" IS NULL',
      );
      return new Map(row.rows > 0 ? [['', row.rows]] : []);
    },
    async step(tx, limit) {
      const rows: { key: string; mac: Buffer }[] = await tx.query(
        `/* reseal.cards */ SELECT id AS key, fingerprint AS mac FROM payment_method
         WHERE "fingerprintKey" IS NULL AND id <> ALL ($1::uuid[]) LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`,
        [unreadable.list(), limit],
      );
      const renewed = unreadable.each(
        rows,
        ({ key, mac }) => ({ id: key, ...wrapFingerprint(sealer, { mac, key: oldest }, key) }),
        ({ key }, error) => onFault({ table, column, key, error }),
      );
      for (const { id, mac, key } of renewed) {
        await tx.query(
          `/* reseal.card */ UPDATE payment_method SET fingerprint = $2, "fingerprintKey" = $3
           WHERE id = $1 AND "fingerprintKey" IS NULL`,
          [id, mac, key],
        );
      }
      return renewed.length;
    },
  };
}

/** The same for recovery codes that are kept as names under the ring's oldest key. */
export function keylessRecoveryCodes(sealer: Sealer, ring: SealRing, onFault: OnFault): ResealTask {
  const table = 'recovery_code';
  const column = 'codeIndex';
  const unreadable = new Unreadable();
  const oldest = blindKey(oldestOf(ring).key, RECOVERY_PURPOSE);
  return {
    table,
    column,
    async left(manager) {
      const [row] = await manager.query(
        '/* reseal.keylessCodes */ SELECT count(*)::int AS rows FROM recovery_code WHERE "codeKey" IS NULL',
      );
      return new Map(row.rows > 0 ? [['', row.rows]] : []);
    },
    async step(tx, limit) {
      const rows: { key: string; code: string }[] = await tx.query(
        `/* reseal.codes */ SELECT "personId" AS key, "codeIndex" AS code FROM recovery_code
         WHERE "codeKey" IS NULL AND "personId" <> ALL ($1::uuid[]) LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`,
        [unreadable.list(), limit],
      );
      const renewed = unreadable.each(
        rows,
        ({ key, code }) => ({
          personId: key, code, ...wrapFingerprint(sealer, { mac: Buffer.from(code, 'base64url'), key: oldest }, key),
        }),
        ({ key }, error) => onFault({ table, column, key, error }),
      );
      for (const { personId, code, mac, key } of renewed) {
        await tx.query(
          `/* reseal.code */ UPDATE recovery_code SET "codeIndex" = $3, "codeKey" = $4
           WHERE "personId" = $1 AND "codeIndex" = $2 AND "codeKey" IS NULL`,
          [personId, code, mac.toString('base64url'), key],
        );
      }
      return renewed.length;
    },
  };
}
