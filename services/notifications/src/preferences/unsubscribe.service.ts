import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';

const OWNER = 'unsubscribe';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TOKEN_MAX = 512;
const SECRET_BYTES = 16;

/**
 * Links by which people stop offers without signing in. A mail is kept for longer than a key: a link holds a secret of its
 * person, which stands sealed here and comes under each new key.
 */
export class UnsubscribeService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; base: string }) {}

  /** Gives the address at which a person stops offers: unguessable, and it names them by their id alone. */
  async urlFor(personId: string): Promise<string> {
    const { dataSource, sealer, base } = this.parts;
    const secret = sealer.seal(randomBytes(SECRET_BYTES).toString('base64url'), personId);
    // The first link of a person decides, of many at once too.
    await dataSource.query(
      `/* unsubscribe.add */ INSERT INTO unsubscribe_link ("personId", secret) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [personId, secret],
    );
    return `${base}?token=${personId}.${await this.secretOf(personId)}`;
  }

  /** Gives whose link this is; null where it is nobody's. */
  async personOf(token: unknown): Promise<string | null> {
    if (typeof token !== 'string' || token.length > TOKEN_MAX) return null;
    if (token.startsWith('v1.')) return this.personOfSealed(token);
    const [personId = '', given = ''] = token.split('.');
    if (!UUID.test(personId)) return null;
    const secret = Buffer.from((await this.secretOf(personId)) ?? '');
    const text = Buffer.from(given);
    return secret.length > 0 && text.length === secret.length && timingSafeEqual(text, secret) ? personId : null;
  }

  private async secretOf(personId: string): Promise<string | undefined> {
    const [row]: { secret: string }[] = await this.parts.dataSource.query(
      '/* unsubscribe.secret */ SELECT secret FROM unsubscribe_link WHERE "personId" = $1',
      [personId],
    );
    return row && this.parts.sealer.open(row.secret, personId);
  }

  /** A link of before there were secrets: the person's id, sealed. It works for as long as its key. */
  private personOfSealed(token: string): string | null {
    try {
      const personId = this.parts.sealer.open(token, OWNER);
      return UUID.test(personId) ? personId : null;
    } catch {
      return null;
    }
  }
}
