import type { DataSource } from 'typeorm';
import { type Box, boxesAround, EARTH_RADIUS_M, type Place } from './place.domain';
import { isOpenAt, type StoreRecord } from './store.domain';
import { COLUMNS, type Store } from './store.service';

export interface NearbyQuery {
  readonly place: Place;
  readonly radiusMeters: number;
  /** Only stores that are open now. */
  readonly openNow: boolean;
}

/** A store and how far it is: in millimetres, which the list is ordered and continued by. */
export interface NearbyStore {
  readonly store: Store;
  readonly millimetres: bigint;
}

export interface NearbyPosition {
  readonly millimetres: bigint;
  readonly id: string;
}

// So many are read at once where the hours decide who is shown: the database does not know them.
const BATCH = 200;

const corners = ({ west, south, east, north }: Box): number[] => [west, south, east, north];

/** Finds the stores around a place: open for business, of merchants that can be paid. */
export class NearbyService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Gives up to `limit` stores after a position, the nearest first. */
  async find(query: NearbyQuery, page: { limit: number; after: NearbyPosition | undefined }): Promise<NearbyStore[]> {
    if (!query.openNow) return this.read(query, page);
    const now = this.parts.now();
    const found: NearbyStore[] = [];
    let { after } = page;
    for (;;) {
      const rows = await this.read(query, { limit: BATCH, after });
      found.push(...rows.filter(({ store }) => isOpenAt(store, now)));
      const last = rows.at(-1);
      if (found.length >= page.limit || rows.length < BATCH || !last) return found.slice(0, page.limit);
      after = { millimetres: last.millimetres, id: last.store.id };
    }
  }

  private async read({ place, radiusMeters }: NearbyQuery, { limit, after }: { limit: number; after: NearbyPosition | undefined }): Promise<NearbyStore[]> {
    const [one, other] = boxesAround(place, radiusMeters);
    const rows: (StoreRecord & { millimetres: bigint })[] = await this.parts.dataSource.query(
      `/* stores.nearby */ SELECT ${COLUMNS}, f.millimetres
       FROM stores_nearby($1, $2, $3, $4, box(point($5, $6), point($7, $8)), box(point($9, $10), point($11, $12)), $13, $14, $15) f
       CROSS JOIN LATERAL (SELECT (f.found).*) s
       ORDER BY f.millimetres, s.id`,
      [
        place.latitudeE6 / 1e6, place.longitudeE6 / 1e6, EARTH_RADIUS_M, radiusMeters * 1_000, ...corners(one), ...corners(other),
        String(after?.millimetres ?? -1n), after?.id ?? '00000000-0000-0000-0000-000000000000', limit,
      ],
    );
    const now = this.parts.now();
    return rows.map(({ millimetres, ...record }) => ({ millimetres, store: { ...record, isOpenNow: isOpenAt(record, now) } }));
  }
}
