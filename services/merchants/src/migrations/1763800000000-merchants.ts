import { createOutboxTables } from '@tael/platform/outbox';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { parseCategoryList } from '../categories/category.domain';

const CATEGORY_LIST = join(__dirname, '../../data/merchant-category-codes.csv');

/** The first tables: categories of ISO 18245, fee plans, merchants and their people, and the outbox of their events. */
export class Merchants1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createCategories(runner);
    await createFeePlans(runner);
    await createMerchants(runner);
    await createOutboxTables(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox_cursor, outbox, merchant_person, merchant, fee_plan, category');
  }
}

async function createCategories(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE category (
      code text CONSTRAINT category_pkey PRIMARY KEY,
      description text NOT NULL,
      CONSTRAINT category_code_digits CHECK (code ~ '^[0-9]{4}$')
    )`);
  const categories = parseCategoryList(readFileSync(CATEGORY_LIST, 'utf8'));
  await runner.query('/* categories.load */ INSERT INTO category SELECT * FROM unnest($1::text[], $2::text[])', [
    categories.map((category) => category.code),
    categories.map((category) => category.description),
  ]);
}

async function createFeePlans(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE fee_plan (
      id text CONSTRAINT fee_plan_pkey PRIMARY KEY,
      "basisPoints" integer NOT NULL,
      "isDefault" boolean NOT NULL DEFAULT false,
      CONSTRAINT fee_plan_basis_points_range CHECK ("basisPoints" BETWEEN 0 AND 10000)
    )`);
  await runner.query('CREATE UNIQUE INDEX fee_plan_one_default ON fee_plan ("isDefault") WHERE "isDefault"');
  await runner.query(`/* fee-plans.load */ INSERT INTO fee_plan VALUES ('standard', 80, true)`);
}

async function createMerchants(runner: QueryRunner): Promise<void> {
  await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
  await runner.query(`
    CREATE TABLE merchant (
      id uuid CONSTRAINT merchant_pkey PRIMARY KEY,
      name text NOT NULL,
      "searchName" text NOT NULL,
      "categoryCode" text NOT NULL CONSTRAINT merchant_category_known REFERENCES category,
      currency text NOT NULL,
      status text NOT NULL,
      "feePlanId" text NOT NULL CONSTRAINT merchant_fee_plan_known REFERENCES fee_plan,
      version integer NOT NULL,
      "createdAt" timestamptz NOT NULL,
      "activatedAt" timestamptz,
      CONSTRAINT merchant_status_known CHECK (status IN ('PENDING', 'ACTIVE', 'SUSPENDED')),
      CONSTRAINT merchant_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
      CONSTRAINT merchant_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
      CONSTRAINT merchant_version_positive CHECK (version > 0)
    )`);
  await runner.query('CREATE INDEX merchant_category ON merchant ("categoryCode", id)');
  await runner.query('CREATE INDEX merchant_search_name ON merchant USING gin ("searchName" gin_trgm_ops)');
  await runner.query(`
    CREATE TABLE merchant_person (
      "merchantId" uuid NOT NULL CONSTRAINT merchant_person_merchant REFERENCES merchant,
      "personId" uuid NOT NULL,
      CONSTRAINT merchant_person_pkey PRIMARY KEY ("merchantId", "personId")
    )`);
  await runner.query('CREATE INDEX merchant_person_of_person ON merchant_person ("personId", "merchantId")');
}
