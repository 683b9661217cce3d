import type { MigrationInterface, QueryRunner } from 'typeorm';
import { STORES_NEARBY } from '../stores/nearby.sql';

/** The stores of merchants, found by their place: an index of points in millionths of a degree. */
export class Stores1764200000002 implements MigrationInterface {
  name = 'Stores1764200000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE store (
        id uuid CONSTRAINT store_pkey PRIMARY KEY,
        "merchantId" uuid NOT NULL CONSTRAINT store_merchant REFERENCES merchant,
        name text NOT NULL,
        "addressLines" text[] NOT NULL,
        city text NOT NULL,
        "postalCode" text,
        country text NOT NULL,
        "latitudeE6" integer NOT NULL,
        "longitudeE6" integer NOT NULL,
        "timeZone" text NOT NULL,
        hours jsonb NOT NULL,
        status text NOT NULL,
        "createdAt" timestamptz NOT NULL,
        CONSTRAINT store_status_known CHECK (status IN ('OPEN', 'CLOSED')),
        CONSTRAINT store_place_on_earth CHECK ("latitudeE6" BETWEEN -90000000 AND 90000000
          AND "longitudeE6" BETWEEN -180000000 AND 180000000),
        CONSTRAINT store_country_form CHECK (country ~ '^[A-Z]{2}$')
      );
      CREATE INDEX store_of_merchant ON store ("merchantId", id);
      CREATE INDEX store_place ON store USING gist (point("longitudeE6", "latitudeE6"));`);
    await runner.query(STORES_NEARBY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION stores_nearby; DROP TABLE store');
  }
}
