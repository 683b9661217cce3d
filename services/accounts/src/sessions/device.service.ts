import { createHmac } from 'node:crypto';
import type { DeviceMark } from '@tael/platform/identity';
import type { Tx } from '@tael/platform/postgres';
import { fingerprintsOf, isFingerprintOf, type Sealer, SealKeyRetired } from '@tael/platform/seal';
import { v7 as uuidv7 } from 'uuid';
import { normaliseEmail } from '../people/person.domain';
import { type Device, deviceOf, networkOf } from './device.domain';
import { type ComparedDevice, DEVICES_MAX, recognise, type Showing } from './recognition.domain';

/** What a client shows when somebody comes in with it. */
export interface DeviceOrigin {
  readonly userAgent?: string | undefined;
  readonly address: string;
  readonly device?: DeviceMark | undefined;
}

interface DeviceRow extends Device {
  readonly id: string;
  readonly mark: Buffer | null;
  readonly network: Buffer | null;
  readonly key: string;
  readonly keepsMark: boolean;
}

interface Visit extends Device {
  readonly personId: string;
  readonly showing: Showing;
  readonly mark: string | undefined;
  readonly network: string | null;
}

// Of the two fingerprints under one key each is for its own purpose.
const markText = (mark: string): string => `mark/${mark}`;
const networkText = (network: string): string => `network/${network}`;

const LOCK = 41;

/**
 * Names a device at the door: who signs in with an address and brings the mark is known there before anybody knows who it is. HMAC-SHA-256 of the address with the
 * mark as its key, 192 bits that nobody can guess: without the mark the name tells nothing, and no key of ours turns it into another one.
 */
export function signInNameOf(mark: string, email: string): Buffer {
  return createHmac('sha256', mark).update(`sign-in/${normaliseEmail(email)}`).digest();
}

/** Makes a person's devices strangers at the door until they come in again, but the one that `asking` is on: what was begun with another password is no proof. */
export async function estrangeDevices(tx: Tx, personId: string, asking: string | null): Promise<void> {
  await tx.query(
    `/* devices.estrange */ UPDATE device SET "signInName" = NULL WHERE "personId" = $1 AND "signInName" IS NOT NULL
       AND id IS DISTINCT FROM (SELECT "deviceId" FROM session WHERE id = $2::uuid)`,
    [personId, asking],
  );
}

/** Knows the devices of people again. */
export class DeviceService {
  constructor(private readonly parts: { sealer: Sealer; now: () => Date }) {}

  /** Notes the device that a person comes in with, by one at a time; says which it is, and whether they never had it. */
  async recognise(tx: Tx, personId: string, origin: DeviceOrigin): Promise<{ deviceId: string | null; isNew: boolean }> {
    const { device } = origin;
    const showing = device ? (device.brought ? 'BROUGHT' : 'GIVEN') : 'NONE';
    const visit: Visit = { personId, showing, mark: device?.mark, network: networkOf(origin.address), ...deviceOf(origin.userAgent) };
    await tx.query('/* devices.lock */ SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [personId, LOCK]);
    const rows: DeviceRow[] = await tx.query(
      '/* devices.all */ SELECT id, browser, platform, mark, network, key, "keepsMark" FROM device WHERE "personId" = $1 ORDER BY "lastUsedAt" DESC',
      [personId],
    );
    const found = recognise(showing, rows.map((row) => this.compare(row, visit)), await this.isOldKind(tx, visit));
    if (found.deviceId) await this.touch(tx, rows.find(({ id }) => id === found.deviceId)!, visit);
    if (!found.isKept) return found;
    const deviceId = await this.add(tx, visit);
    return { deviceId, isNew: found.isNew };
  }

  private compare(row: DeviceRow, { mark, network, browser, platform }: Visit): ComparedDevice {
    const is = (mac: Buffer | null, text: string | null): boolean => {
      try {
        return mac !== null && text !== null && isFingerprintOf(this.parts.sealer, { mac, key: row.key }, text, row.id);
      } catch (error) {
        // Its key is gone for good, and with it what the row knew.
        if (error instanceof SealKeyRetired) return false;
        throw error;
      }
    };
    return {
      id: row.id,
      keepsMark: row.keepsMark,
      isMark: is(row.mark, mark === undefined ? null : markText(mark)),
      isKind: row.browser === browser && row.platform === platform,
      isNetwork: is(row.network, network && networkText(network)),
    };
  }

  private async isOldKind(tx: Tx, { personId, browser, platform }: Visit): Promise<boolean> {
    const old: unknown[] = await tx.query(
      `/* devices.oldKind */ SELECT 1 FROM known_device
       WHERE "personId" = $1 AND browser = $2 AND platform = $3 AND "markedAt" IS NULL`,
      [personId, browser, platform],
    );
    return old.length > 0;
  }

  /** Fingerprinted anew as a whole: network and mark stand under one key. */
  private async touch(tx: Tx, { id }: DeviceRow, visit: Visit): Promise<void> {
    const { mark, network, key } = this.named(visit, id);
    await tx.query(
      `/* devices.touch */ UPDATE device SET mark = $2, network = $3, key = $4, "keepsMark" = true, browser = $5, platform = $6, "lastUsedAt" = $7,
         "signInName" = $8
       WHERE id = $1`,
      [id, mark, network, key, visit.browser, visit.platform, this.parts.now(), await this.signInName(tx, visit)],
    );
    await this.endOldKind(tx, visit);
  }

  private async add(tx: Tx, visit: Visit): Promise<string> {
    const id = uuidv7();
    const { mark, network, key } = this.named(visit, id);
    const { personId, browser, platform, showing } = visit;
    await tx.query(
      `/* devices.add */ INSERT INTO device (id, "personId", browser, platform, mark, network, key, "keepsMark", "firstUsedAt", "lastUsedAt", "signInName")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`,
      [id, personId, browser, platform, mark, network, key, showing === 'BROUGHT', this.parts.now(), await this.signInName(tx, visit)],
    );
    if (mark !== null) await this.endOldKind(tx, visit);
    // Those that keep no mark come again as another row each time: they go first.
    await tx.query(
      `/* devices.bound */ DELETE FROM device WHERE id IN (
         SELECT id FROM device WHERE "personId" = $1 AND id <> $2 ORDER BY "keepsMark" DESC, "lastUsedAt" DESC, id DESC OFFSET $3)`,
      [personId, id, DEVICES_MAX - 1],
    );
    return id;
  }

  private named({ mark, network }: Visit, id: string): { mark: Buffer | null; network: Buffer | null; key: string } {
    const made = fingerprintsOf(this.parts.sealer, [markText(mark ?? ''), networkText(network ?? '')], id);
    return { mark: mark === undefined ? null : made.macs[0]!, network: network === null ? null : made.macs[1]!, key: made.key };
  }

  private async signInName(tx: Tx, { personId, mark }: Visit): Promise<Buffer | null> {
    if (mark === undefined) return null;
    const [{ email }]: [{ email: string }] = await tx.query('/* devices.address */ SELECT email FROM person WHERE id = $1', [personId]);
    return signInNameOf(mark, this.parts.sealer.open(email, personId));
  }

  private async endOldKind(tx: Tx, { personId, browser, platform }: Visit): Promise<void> {
    await tx.query(
      `/* devices.endOldKind */ UPDATE known_device SET "markedAt" = $4
       WHERE "personId" = $1 AND browser = $2 AND platform = $3 AND "markedAt" IS NULL`,
      [personId, browser, platform, this.parts.now()],
    );
  }
}

/**
 * Forgets the devices of sessions that their owner has ended from elsewhere, but the one that `asking` is on: who comes with
 * one of them again is told of as new.
 */
export async function forgetDevices(tx: Tx, personId: string, { ended, asking }: { ended: readonly string[]; asking: string | null }): Promise<void> {
  await tx.query(
    `/* devices.forget */ DELETE FROM device d USING session s
     WHERE s.id = ANY ($2::uuid[]) AND s."personId" = $1 AND d."personId" = $1 AND d.id = s."deviceId"
       AND d.id IS DISTINCT FROM (SELECT "deviceId" FROM session WHERE id = $3::uuid)`,
    [personId, ended, asking],
  );
  await tx.query(
    `/* devices.forgetKind */ DELETE FROM known_device k USING session s
     WHERE s.id = ANY ($2::uuid[]) AND s."personId" = $1 AND s."deviceId" IS NULL AND k."personId" = $1
       AND k.browser = s.browser AND k.platform = s.platform
       AND NOT EXISTS (SELECT 1 FROM session a WHERE a.id = $3::uuid AND a.browser = k.browser AND a.platform = k.platform)`,
    [personId, ended, asking],
  );
}
