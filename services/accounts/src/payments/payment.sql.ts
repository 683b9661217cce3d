/** Tables of what payments depend on: schedules, limits, merchants, waivers, guards and counters. */
export const PAYMENT_TABLES = `
  CREATE TABLE person_counter (
    "personId" uuid CONSTRAINT person_counter_pkey PRIMARY KEY,
    payments bigint NOT NULL,
    CONSTRAINT person_counter_payments CHECK (payments >= 0)
  ) WITH (fillfactor = 70);

  CREATE TABLE fee_schedule (
    kind text NOT NULL,
    currency text NOT NULL CONSTRAINT fee_schedule_asset REFERENCES asset,
    "effectiveFrom" timestamptz NOT NULL,
    "enteredAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "rateBasisPoints" integer NOT NULL,
    minimum bigint NOT NULL,
    maximum bigint NOT NULL,
    CONSTRAINT fee_schedule_pkey PRIMARY KEY (kind, currency, "effectiveFrom"),
    CONSTRAINT fee_schedule_notice CHECK ("effectiveFrom" >= "enteredAt" + interval '5 minutes'),
    CONSTRAINT fee_schedule_amounts CHECK ("rateBasisPoints" BETWEEN 0 AND 10000 AND minimum >= 0 AND maximum >= minimum)
  );
  CREATE TRIGGER fee_schedule_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fee_schedule EXECUTE FUNCTION refuse_change();
  CREATE TABLE limit_definition (
    id text CONSTRAINT limit_definition_pkey PRIMARY KEY,
    currency text CONSTRAINT limit_definition_asset REFERENCES asset,
    kinds text[] NOT NULL,
    measure text NOT NULL,
    "window" text NOT NULL,
    cap bigint NOT NULL,
    CONSTRAINT limit_definition_shape CHECK (measure IN ('AMOUNT', 'COUNT') AND "window" IN ('TRANSACTION', 'DAY')
      AND cap >= 0 AND (measure = 'COUNT' OR currency IS NOT NULL))
  );
  CREATE INDEX limit_definition_currency ON limit_definition (currency);

  CREATE TABLE limit_counter (
    "personId" uuid NOT NULL,
    "limitId" text NOT NULL,
    "windowStart" date NOT NULL,
    used bigint NOT NULL,
    cap bigint NOT NULL,
    CONSTRAINT limit_counter_pkey PRIMARY KEY ("personId", "limitId", "windowStart"),
    CONSTRAINT limit_counter_cap CHECK (used >= 0 AND used <= cap)
  ) WITH (fillfactor = 70);

  CREATE TABLE merchant_copy (
    "merchantId" uuid CONSTRAINT merchant_copy_pkey PRIMARY KEY,
    version integer NOT NULL,
    "categoryCode" text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    people uuid[] NOT NULL,
    CONSTRAINT merchant_copy_status CHECK (status IN ('PENDING', 'ACTIVE', 'SUSPENDED'))
  );

  CREATE TABLE fee_waiver_offer (
    "campaignId" uuid CONSTRAINT fee_waiver_offer_pkey PRIMARY KEY,
    version integer NOT NULL,
    currency text NOT NULL,
    "activeTimes" jsonb NOT NULL,
    "startsAt" timestamptz,
    "endsAt" timestamptz,
    "minimumAmount" bigint,
    "merchantIds" uuid[],
    "merchantCategoryCodes" text[],
    "firstPaymentOnly" boolean NOT NULL,
    "maximumRewardsPerUser" integer,
    "maximumPerPayment" bigint
  );
  CREATE INDEX fee_waiver_offer_currency ON fee_waiver_offer (currency);

  CREATE TABLE fee_waiver_budget (
    "campaignId" uuid CONSTRAINT fee_waiver_budget_pkey PRIMARY KEY
      CONSTRAINT fee_waiver_budget_offer REFERENCES fee_waiver_offer,
    budget bigint NOT NULL,
    spent bigint NOT NULL,
    CONSTRAINT fee_waiver_budget_cap CHECK (spent >= 0 AND spent <= budget)
  ) WITH (fillfactor = 50);

  CREATE TABLE fee_waiver_use (
    "personId" uuid NOT NULL,
    "campaignId" uuid NOT NULL CONSTRAINT fee_waiver_use_offer REFERENCES fee_waiver_offer,
    uses integer NOT NULL,
    waived bigint NOT NULL,
    cap integer,
    CONSTRAINT fee_waiver_use_pkey PRIMARY KEY ("personId", "campaignId"),
    CONSTRAINT fee_waiver_use_cap CHECK (uses > 0 AND uses <= cap)
  );

  CREATE TABLE refund_guard (
    "paymentId" uuid CONSTRAINT refund_guard_pkey PRIMARY KEY CONSTRAINT refund_guard_payment REFERENCES ledger_tx,
    amount bigint NOT NULL,
    refunded bigint NOT NULL,
    refunds integer NOT NULL,
    CONSTRAINT refund_guard_cap CHECK (refunded >= 0 AND refunded <= amount AND refunds >= 0)
  );
`;

/**
 * What every movement of a person's depends on, as JSON with amounts as text. With p_lock it first locks the person's
 * counter row, then the wallets in order of id; everything is read after that, so it stands until the transaction ends.
 */
export const MOVEMENT_STATE = `
  CREATE FUNCTION movement_state(p_person uuid, p_wallets uuid[], p_kind text, p_currency text, p_lock boolean) RETURNS jsonb
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_at timestamptz;
    v_made bigint;
    v_wallets jsonb;
    v_limits jsonb;
  BEGIN
    IF p_lock THEN
      PERFORM 1 FROM person_counter WHERE "personId" = p_person FOR NO KEY UPDATE;
      PERFORM 1 FROM account WHERE id = ANY (p_wallets) AND purpose = 'WALLET' ORDER BY id FOR NO KEY UPDATE;
    END IF;
    v_at := clock_timestamp();
    SELECT payments INTO v_made FROM person_counter WHERE "personId" = p_person;
    SELECT jsonb_agg(jsonb_build_object('id', id, 'personId', "ownerId", 'currency', asset,
        'posted', ("creditsPosted" - "debitsPosted")::text, 'pending', "debitsPending"::text))
      INTO v_wallets FROM account WHERE id = ANY (p_wallets) AND purpose = 'WALLET';
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'measure', d.measure, 'window', d."window", 'cap', d.cap::text,
        'used', coalesce(c.used, 0)::text))
      INTO v_limits
      FROM limit_definition d LEFT JOIN limit_counter c ON c."personId" = p_person AND c."limitId" = d.id
        AND d."window" = 'DAY' AND c."windowStart" = (v_at AT TIME ZONE 'UTC')::date
      WHERE (d.currency = p_currency OR d.currency IS NULL) AND p_kind = ANY (d.kinds);
    RETURN jsonb_build_object('at', v_at, 'paymentsMade', coalesce(v_made, 0)::text,
      'wallets', coalesce(v_wallets, '[]'), 'limits', coalesce(v_limits, '[]'));
  END $$;
`;

/** A movement's state, and what a payment to a merchant depends on besides: merchant, fee schedule, waiver offers, promises. */
export const PAYMENT_STATE = `
  CREATE OR REPLACE FUNCTION payment_state(p_person uuid, p_wallet uuid, p_merchant uuid, p_inflow uuid, p_currency text,
    p_amount bigint, p_lock boolean)
  RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_state jsonb := movement_state(p_person, ARRAY[p_wallet], 'PAYMENT', p_currency, p_lock);
    v_at timestamptz := (v_state->>'at')::timestamptz;
    v_merchant jsonb;
    v_schedule jsonb;
    v_offers jsonb;
  BEGIN
    SELECT jsonb_build_object('id', "merchantId", 'categoryCode', "categoryCode", 'status', status,
        'inflowOpen', EXISTS (SELECT 1 FROM account WHERE id = p_inflow))
      INTO v_merchant FROM merchant_copy WHERE "merchantId" = p_merchant;
    SELECT jsonb_build_object('rateBasisPoints', s."rateBasisPoints", 'minimum', s.minimum::text, 'maximum', s.maximum::text,
        'nextFrom', (SELECT min(n."effectiveFrom") FROM fee_schedule n
                     WHERE n.kind = 'PAYMENT' AND n.currency = p_currency AND n."effectiveFrom" > v_at))
      INTO v_schedule FROM fee_schedule s
      WHERE s.kind = 'PAYMENT' AND s.currency = p_currency AND s."effectiveFrom" <= v_at
      ORDER BY s."effectiveFrom" DESC LIMIT 1;
    SELECT jsonb_agg(jsonb_build_object('campaignId', o."campaignId", 'currency', o.currency, 'activeTimes', o."activeTimes",
        'startsAt', o."startsAt", 'endsAt', o."endsAt", 'minimumAmount', o."minimumAmount"::text,
        'merchantIds', o."merchantIds", 'merchantCategoryCodes', o."merchantCategoryCodes",
        'firstPaymentOnly', o."firstPaymentOnly", 'maximumRewardsPerUser', o."maximumRewardsPerUser",
        'maximumPerPayment', o."maximumPerPayment"::text, 'budgetLeft', (b.budget - b.spent)::text,
        'uses', coalesce(u.uses, 0), 'promise', CASE WHEN q."campaignId" IS NOT NULL THEN
          jsonb_build_object('waived', q.waived::text, 'validUntil', q."validUntil") END))
      INTO v_offers
      FROM fee_waiver_offer o JOIN fee_waiver_budget b ON b."campaignId" = o."campaignId" AND b.spent < b.budget
      LEFT JOIN fee_waiver_use u ON u."personId" = p_person AND u."campaignId" = o."campaignId"
      LEFT JOIN quote_promise q ON q."personId" = p_person AND q."walletId" = p_wallet AND q."merchantId" = p_merchant
        AND q.amount = p_amount AND q."campaignId" = o."campaignId" AND q.currency = p_currency AND q."validUntil" > v_at
      WHERE o.currency = p_currency AND (q."campaignId" IS NOT NULL
        OR ((o."endsAt" IS NULL OR o."endsAt" > v_at) AND (o."merchantIds" IS NULL OR p_merchant = ANY (o."merchantIds"))));
    RETURN v_state || jsonb_build_object('merchant', v_merchant, 'schedule', v_schedule, 'offers', coalesce(v_offers, '[]'));
  END $$;
`;

/** Counts a movement: the person's payments, and what it takes of each limit of the day on which it was decided. */
export const MOVEMENT_COUNT = `
  CREATE FUNCTION movement_count(p_person uuid, p_payments integer, p_at timestamptz, p_limits text[], p_taken bigint[],
    p_caps bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF p_payments > 0 THEN
      UPDATE person_counter SET payments = payments + p_payments WHERE "personId" = p_person;
    END IF;
    INSERT INTO limit_counter AS c ("personId", "limitId", "windowStart", used, cap)
      SELECT p_person, l.id, (p_at AT TIME ZONE 'UTC')::date, l.taken, l.cap
      FROM unnest(p_limits, p_taken, p_caps) AS l (id, taken, cap) ORDER BY l.id
      ON CONFLICT ("personId", "limitId", "windowStart") DO UPDATE SET used = c.used + excluded.used, cap = excluded.cap;
  END $$;
`;

/** As {@link MOVEMENT_STATE}, by the versions of the limits that are in force. */
export const movementStateByVersion = (limitsInForce: string): string => MOVEMENT_STATE.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
  .replace('FROM limit_definition d', `FROM ${limitsInForce}`);

/** As {@link PAYMENT_STATE}, by the schedule that was entered last of those that have begun. */
export const PAYMENT_STATE_BY_VERSION = PAYMENT_STATE.replace('ORDER BY s."effectiveFrom" DESC', 'ORDER BY s."enteredAt" DESC');

/** As above, and whether each wallet is frozen: it stands in the row that is locked and read anyway. */
export const movementStateFrozen = (limitsInForce: string): string => movementStateByVersion(limitsInForce).replace(
  `'pending', "debitsPending"::text`, `'pending', "debitsPending"::text, 'frozen', "frozenAt" IS NOT NULL`,
);
