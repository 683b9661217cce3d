import { inTransaction, type Tx } from '@tael/platform/postgres';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditMerchant } from '../audit/audit.service';
import type { Viewer } from '../merchants/merchant.domain';
import type { PeopleService } from '../people/people.service';
import { decideStore, isOpenAt, type StoreCommand, type StoreRecord, type StoreRefusal, STORES_MAX } from './store.domain';
import { StoreEntity } from './store.entity';

export type Refusal = StoreRefusal | { readonly code: 'NOT_FOUND' | 'NOT_ALLOWED' | 'LIMIT_EXCEEDED'; readonly field: readonly string[] };

/** A store as the API shows it. */
export interface Store extends StoreRecord {
  readonly isOpenNow: boolean;
}

export type StoreOutcome = { readonly ok: true; readonly store: Store } | { readonly ok: false; readonly refusals: readonly Refusal[] };

export interface StorePage {
  readonly merchantId: string;
  readonly limit: number;
  readonly after: string | undefined;
}

/** Who changes a store; an operator has said why. */
export interface StoreChanger extends Viewer {
  readonly reason?: string | undefined;
}

interface StoreParts {
  readonly dataSource: DataSource;
  readonly people: PeopleService;
  readonly now: () => Date;
}

export const COLUMNS =
  's.id, s."merchantId", s.name, s."addressLines", s.city, s."postalCode", s.country, s."latitudeE6", s."longitudeE6", s."timeZone", s.hours, s.status';

const refuse = (code: 'NOT_FOUND' | 'NOT_ALLOWED' | 'LIMIT_EXCEEDED', field: string): StoreOutcome => ({ ok: false, refusals: [{ code, field: ['input', field] }] });

/** Answers for the stores of merchants. */
export class StoreService {
  constructor(private readonly parts: StoreParts) {}

  /** Adds a store. Refusals: NOT_FOUND, NOT_ALLOWED, INVALID_INPUT, LIMIT_EXCEEDED. */
  async add(merchantId: string, command: StoreCommand, viewer: StoreChanger): Promise<StoreOutcome> {
    if (!isUuid(merchantId)) return refuse('NOT_FOUND', 'merchantId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      await tx.query('/* stores.lock-merchant */ SELECT 1 FROM merchant WHERE id = $1 FOR NO KEY UPDATE', [merchantId]);
      const denied = await this.parts.people.denial(tx, merchantId, viewer, 'STORES');
      if (denied) return refuse(denied, 'merchantId');
      const decision = decideStore(command);
      if (!decision.ok) return decision;
      const [{ stores }] = await tx.query('/* stores.count */ SELECT count(*)::int AS stores FROM store WHERE "merchantId" = $1', [merchantId]);
      if (stores >= STORES_MAX) return refuse('LIMIT_EXCEEDED', 'merchantId');
      const record: StoreRecord = { ...decision.details, id: uuidv7(), merchantId: merchantId.toLowerCase(), status: 'OPEN' };
      const { hours, addressLines, ...columns } = record;
      const at = this.parts.now();
      await tx.insert(StoreEntity, { ...columns, addressLines: [...addressLines], hours: hours as never, createdAt: at });
      const { id: storeId, merchantId: ofMerchant, addressLines: _lines, postalCode: _code, latitudeE6: _latitude, longitudeE6: _longitude, ...after } = record;
      await auditMerchant(tx, ofMerchant, { viewer, reason: viewer.reason, action: 'STORE_ADDED', before: null, after: { storeId, ...after }, at });
      return { ok: true, store: this.shown(record) };
    });
  }

  /** Changes what is given of a store. Refusals: NOT_FOUND, NOT_ALLOWED, INVALID_INPUT. */
  async update(storeId: string, changeOf: (present: StoreRecord) => Partial<StoreCommand>, viewer: StoreChanger): Promise<StoreOutcome> {
    return this.change(storeId, viewer, (present) => {
      const decision = decideStore({ ...commandOf(present), ...changeOf(present) });
      return decision.ok ? { ok: true, record: { ...present, ...decision.details } } : decision;
    });
  }

  /** Closes a store for good; again it answers the same. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async close(storeId: string, viewer: StoreChanger): Promise<StoreOutcome> {
    return this.change(storeId, viewer, (present) => ({ ok: true, record: { ...present, status: 'CLOSED' } }));
  }

  private async change(
    storeId: string, viewer: StoreChanger,
    decide: (present: StoreRecord) => { ok: true; record: StoreRecord } | { ok: false; refusals: readonly StoreRefusal[] },
  ): Promise<StoreOutcome> {
    if (!isUuid(storeId)) return refuse('NOT_FOUND', 'storeId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      const present = await this.lock(tx, storeId);
      const denied = present ? await this.parts.people.denial(tx, present.merchantId, viewer, 'STORES') : 'NOT_FOUND';
      if (!present || denied) return refuse(denied ?? 'NOT_FOUND', 'storeId');
      const decision = decide(present);
      if (!decision.ok) return decision;
      const { id, hours, addressLines, ...columns } = decision.record;
      await tx.update(StoreEntity, { id }, { ...columns, addressLines: [...addressLines], hours: hours as never });
      const { before, after } = whatChanged(present, decision.record);
      if (Object.keys(after).length > 0) {
        const action = 'status' in after ? 'STORE_CLOSED' : 'STORE_CHANGED';
        await auditMerchant(tx, present.merchantId, {
          viewer, reason: viewer.reason, action, before: { storeId: id, ...before }, after: { storeId: id, ...after }, at: this.parts.now(),
        });
      }
      return { ok: true, store: this.shown(decision.record) };
    });
  }

  private async lock(tx: Tx, storeId: string): Promise<StoreRecord | undefined> {
    const [record] = await tx.query(`/* stores.lock */ SELECT ${COLUMNS} FROM store s WHERE s.id = $1 FOR NO KEY UPDATE`, [storeId]);
    return record;
  }

  /** Gives a store, whoever asks: what they may do with it is the caller's to ask. */
  async find(tx: Tx, storeId: string): Promise<StoreRecord | undefined> {
    if (!isUuid(storeId)) return undefined;
    const [record] = await tx.query(`/* stores.find */ SELECT ${COLUMNS} FROM store s WHERE s.id = $1`, [storeId]);
    return record;
  }

  /** Gives a page of stores of each of the merchants, in the order of their making: those that are closed only to those who act there. */
  async pages(pages: readonly StorePage[], viewer: Viewer): Promise<Store[][]> {
    const rows: (StoreRecord & { n: number })[] = await this.parts.dataSource.query(
      `/* stores.pages */ SELECT q.n::int AS n, s.*
       FROM unnest($1::uuid[], $2::int[], $3::uuid[]) WITH ORDINALITY AS q (merchant, size, after, n)
       CROSS JOIN LATERAL (
         SELECT ${COLUMNS} FROM store s
         WHERE s."merchantId" = q.merchant AND (q.after IS NULL OR s.id > q.after)
           AND (s.status = 'OPEN' OR $5::boolean
             OR EXISTS (SELECT FROM merchant_person p WHERE p."merchantId" = q.merchant AND p."personId" = $4::uuid))
         ORDER BY s.id LIMIT q.size) s
       ORDER BY q.n, s.id`,
      [
        pages.map(({ merchantId }) => merchantId), pages.map(({ limit }) => limit), pages.map(({ after }) => after ?? null), viewer.personId,
        viewer.isOperator,
      ],
    );
    return pages.map((_page, index) => rows.filter(({ n }) => n === index + 1).map(({ n: _n, ...record }) => this.shown(record)));
  }

  /** Gives a store as it stands now. */
  shown(record: StoreRecord): Store {
    return { ...record, isOpenNow: isOpenAt(record, this.parts.now()) };
  }
}

function commandOf({ latitudeE6, longitudeE6, ...rest }: StoreRecord): StoreCommand {
  return { ...rest, latitude: latitudeE6 / 1_000_000, longitude: longitudeE6 / 1_000_000 };
}

/** Where a store is to the door. A sole trader's may be their home, and an entry cannot be erased: the trail says that it is another, not which. */
const HOME: Readonly<Record<string, 'address' | 'place'>> = { addressLines: 'address', postalCode: 'address', latitudeE6: 'place', longitudeE6: 'place' };

/** Gives those fields of a store in which two states of it differ, as they were and as they are. */
function whatChanged(present: StoreRecord, next: StoreRecord): Record<'before' | 'after', Record<string, unknown>> {
  const names = (Object.keys(next) as (keyof StoreRecord)[]).filter((name) => !isDeepStrictEqual(present[name], next[name]));
  const of = (record: StoreRecord) => Object.fromEntries(names.filter((name) => !(name in HOME)).map((name) => [name, record[name]]));
  const isNew = Object.fromEntries(names.flatMap((name) => (HOME[name] ? [[HOME[name], true]] : [])));
  return { before: of(present), after: { ...of(next), ...(Object.keys(isNew).length > 0 ? { isNew } : {}) } };
}
