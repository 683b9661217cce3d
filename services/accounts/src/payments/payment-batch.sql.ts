import { debtsWhere, IS_OPEN } from '../debts/debt.store';

/**
 * Claims keys for payments, in order of the keys, so that two batches never wait for each other crosswise. Gives what is
 * stored under those that were taken already, by the place in the arrays (from 1).
 */
export const PAYMENT_CLAIM = `
  CREATE FUNCTION payment_claim(p_people uuid[], p_keys text[], p_hashes bytea[], p_ids uuid[]) RETURNS jsonb
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_scopes uuid[];
    v_keys text[];
  BEGIN
    WITH claimed AS (
      INSERT INTO idempotency (scope, key, mutation, "requestHash", "transactionId", "createdAt")
        SELECT q.person, q.key, 'payMerchant', q.hash, q.id, clock_timestamp()
        FROM unnest(p_people, p_keys, p_hashes, p_ids) AS q (person, key, hash, id) ORDER BY q.person, q.key
        ON CONFLICT (scope, key) DO NOTHING RETURNING scope, key
    )
    SELECT array_agg(c.scope), array_agg(c.key) INTO v_scopes, v_keys FROM claimed c;
    IF cardinality(v_keys) = cardinality(p_keys) THEN RETURN '[]'; END IF;
    RETURN (
      SELECT coalesce(jsonb_agg(jsonb_build_object('n', q.n, 'hash', encode(i."requestHash", 'hex'),
        'transactionId', i."transactionId", 'refusals', i.refusals)), '[]')
      FROM unnest(p_people, p_keys) WITH ORDINALITY AS q (person, key, n)
      CROSS JOIN LATERAL (SELECT * FROM idempotency i WHERE i.scope = q.person AND i.key = q.key OFFSET 0) i
      WHERE NOT EXISTS (SELECT FROM unnest(v_scopes, v_keys) AS c (scope, key) WHERE c.scope = q.person AND c.key = q.key));
  END $$;
`;

/**
 * What payments depend on, as JSON with amounts as text: what is of each payment in its place, what they share once. With
 * p_lock it first locks the people's counter rows in order of id, then the wallets in order of id; everything is read after
 * that, so it stands until the transaction ends. The arrays in the conditions keep every join to the rows that are asked
 * for, whatever the plan: it may have been made while the tables were empty.
 */
export const PAYMENT_STATES = `
  CREATE FUNCTION payment_states(p_people uuid[], p_wallets uuid[], p_merchants uuid[], p_inflows uuid[], p_currencies text[],
    p_amounts bigint[], p_lock boolean)
  RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_at timestamptz;
    v_day date;
    v_counted text[];
    v_payments jsonb;
    v_limits jsonb;
    v_schedules jsonb;
    v_offers jsonb;
  BEGIN
    IF p_lock THEN
      PERFORM 1 FROM person_counter WHERE "personId" = ANY (p_people) ORDER BY "personId" FOR NO KEY UPDATE;
      PERFORM 1 FROM account WHERE id = ANY (p_wallets) AND purpose = 'WALLET' ORDER BY id FOR NO KEY UPDATE;
    END IF;
    v_at := clock_timestamp();
    v_day := (v_at AT TIME ZONE 'UTC')::date;
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'currency', d.currency, 'measure', d.measure, 'window', d."window",
        'cap', d.cap::text)),
        array_agg(d.id) FILTER (WHERE d."window" = 'DAY')
      INTO v_limits, v_counted FROM limit_definition d
      WHERE (d.currency = ANY (p_currencies) OR d.currency IS NULL) AND 'PAYMENT' = ANY (d.kinds);
    SELECT jsonb_agg(jsonb_build_object(
        'paymentsMade', coalesce(c.payments, 0)::text,
        'wallet', CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('id', a.id, 'personId', a."ownerId", 'currency', a.asset,
          'posted', (a."creditsPosted" - a."debitsPosted")::text, 'pending', a."debitsPending"::text) END,
        'merchant', CASE WHEN m."merchantId" IS NOT NULL THEN jsonb_build_object('id', m."merchantId",
          'categoryCode', m."categoryCode", 'status', m.status, 'inflowOpen', f.id IS NOT NULL) END,
        'used', coalesce(u.used, '{}')) ORDER BY q.n)
      INTO v_payments
      FROM unnest(p_people, p_wallets, p_merchants, p_inflows) WITH ORDINALITY AS q (person, wallet, merchant, inflow, n)
      LEFT JOIN person_counter c ON c."personId" = q.person AND c."personId" = ANY (p_people)
      LEFT JOIN account a ON a.id = q.wallet AND a.purpose = 'WALLET' AND a.id = ANY (p_wallets)
      LEFT JOIN merchant_copy m ON m."merchantId" = q.merchant AND m."merchantId" = ANY (p_merchants)
      LEFT JOIN account f ON f.id = q.inflow AND f.id = ANY (p_inflows)
      LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(l."limitId", l.used::text) AS used FROM limit_counter l
        WHERE l."personId" = q.person AND l."limitId" = ANY (v_counted) AND l."windowStart" = v_day) u ON true;
    SELECT jsonb_object_agg(c.code, s.schedule) INTO v_schedules
      FROM (SELECT DISTINCT unnest(p_currencies) AS code) c, LATERAL (
        SELECT jsonb_build_object('rateBasisPoints', s."rateBasisPoints", 'minimum', s.minimum::text, 'maximum', s.maximum::text,
          'nextFrom', (SELECT min(n."effectiveFrom") FROM fee_schedule n
                       WHERE n.kind = 'PAYMENT' AND n.currency = c.code AND n."effectiveFrom" > v_at)) AS schedule
        FROM fee_schedule s WHERE s.kind = 'PAYMENT' AND s.currency = c.code AND s."effectiveFrom" <= v_at
        ORDER BY s."effectiveFrom" DESC LIMIT 1) s;
    SELECT jsonb_agg(jsonb_build_object('n', q.n, 'campaignId', o."campaignId", 'currency', o.currency,
        'activeTimes', o."activeTimes", 'startsAt', o."startsAt", 'endsAt', o."endsAt", 'minimumAmount', o."minimumAmount"::text,
        'merchantIds', o."merchantIds", 'merchantCategoryCodes', o."merchantCategoryCodes",
        'firstPaymentOnly', o."firstPaymentOnly", 'maximumRewardsPerUser', o."maximumRewardsPerUser",
        'maximumPerPayment', o."maximumPerPayment"::text, 'budgetLeft', (b.budget - b.spent)::text,
        'uses', coalesce(u.uses, 0), 'promise', CASE WHEN p."campaignId" IS NOT NULL THEN
          jsonb_build_object('waived', p.waived::text, 'validUntil', p."validUntil") END))
      INTO v_offers
      FROM fee_waiver_offer o JOIN fee_waiver_budget b ON b."campaignId" = o."campaignId" AND b.spent < b.budget
      JOIN unnest(p_people, p_wallets, p_merchants, p_currencies, p_amounts) WITH ORDINALITY
        AS q (person, wallet, merchant, currency, amount, n) ON q.currency = o.currency
      LEFT JOIN fee_waiver_use u ON u."personId" = q.person AND u."campaignId" = o."campaignId" AND u."personId" = ANY (p_people)
      LEFT JOIN quote_promise p ON p."personId" = q.person AND p."walletId" = q.wallet AND p."merchantId" = q.merchant
        AND p.amount = q.amount AND p."campaignId" = o."campaignId" AND p.currency = q.currency AND p."validUntil" > v_at
        AND p."personId" = ANY (p_people)
      WHERE o.currency = ANY (p_currencies) AND (p."campaignId" IS NOT NULL
        OR ((o."endsAt" IS NULL OR o."endsAt" > v_at) AND (o."merchantIds" IS NULL OR q.merchant = ANY (o."merchantIds"))));
    RETURN jsonb_build_object('at', v_at, 'payments', v_payments, 'limits', coalesce(v_limits, '[]'),
      'schedules', coalesce(v_schedules, '{}'), 'offers', coalesce(v_offers, '[]'));
  END $$;
`;

/** As above, and whether the payer acts for the merchant: one that was never active is known to its own people alone. */
export const PAYMENT_STATES_OWN = PAYMENT_STATES.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION').replace(
  `'status', m.status,`, `'status', m.status, 'own', q.person = ANY (m.people),`,
);

/**
 * Claims the keys of payments, then locks and reads what those depend on whose keys are fresh, in their order: a wallet is
 * locked for one round trip less, and one whose payment is only answered again is not locked at all. Without fresh ones there are no
 * states. p_patience is how long a lock is waited for in this transaction; as long as ever where it is null.
 */
export const PAYMENT_OPEN = `
  CREATE FUNCTION payment_open(p_patience text, p_keys text[], p_hashes bytea[], p_ids uuid[], p_people uuid[], p_wallets uuid[],
    p_merchants uuid[], p_inflows uuid[], p_currencies text[], p_amounts bigint[], OUT stored jsonb, OUT states jsonb)
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  BEGIN
    IF p_patience IS NOT NULL THEN PERFORM set_config('lock_timeout', p_patience, true); END IF;
    stored := payment_claim(p_people, p_keys, p_hashes, p_ids);
    IF stored <> '[]' THEN
      SELECT array_agg(q.person ORDER BY q.n), array_agg(q.wallet ORDER BY q.n), array_agg(q.merchant ORDER BY q.n),
          array_agg(q.inflow ORDER BY q.n), array_agg(q.currency ORDER BY q.n), array_agg(q.amount ORDER BY q.n)
        INTO p_people, p_wallets, p_merchants, p_inflows, p_currencies, p_amounts
        FROM unnest(p_people, p_wallets, p_merchants, p_inflows, p_currencies, p_amounts) WITH ORDINALITY
          AS q (person, wallet, merchant, inflow, currency, amount, n)
        WHERE q.n NOT IN (SELECT (s ->> 'n')::bigint FROM jsonb_array_elements(stored) s);
      IF p_people IS NULL THEN RETURN; END IF;
    END IF;
    states := payment_states(p_people, p_wallets, p_merchants, p_inflows, p_currencies, p_amounts, true);
  END $$;
`;

/** Counts payments of different people: each person's payments, and what they take of the limits of the day of the decision. */
export const PAYMENT_COUNT = `
  CREATE FUNCTION payment_count(p_people uuid[], p_at timestamptz, p_persons uuid[], p_limits text[], p_taken bigint[],
    p_caps bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  BEGIN
    UPDATE person_counter SET payments = payments + 1 WHERE "personId" = ANY (p_people);
    INSERT INTO limit_counter AS c ("personId", "limitId", "windowStart", used, cap)
      SELECT l.person, l.id, (p_at AT TIME ZONE 'UTC')::date, l.taken, l.cap
      FROM unnest(p_persons, p_limits, p_taken, p_caps) AS l (person, id, taken, cap) ORDER BY l.person, l.id
      ON CONFLICT ("personId", "limitId", "windowStart") DO UPDATE SET used = c.used + excluded.used, cap = excluded.cap;
  END $$;
`;

/** Makes refusals the answers of claimed keys; a key whose refusal may be otherwise a moment later is given back. */
export const PAYMENT_REFUSE = `
  CREATE FUNCTION payment_refuse(p_people uuid[], p_keys text[], p_refusals jsonb[]) RETURNS void
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  BEGIN
    FOR n IN 1 .. cardinality(p_people) LOOP
      IF p_refusals[n] IS NULL THEN
        DELETE FROM idempotency WHERE scope = p_people[n] AND key = p_keys[n];
      ELSE
        UPDATE idempotency SET "transactionId" = NULL, refusals = p_refusals[n] WHERE scope = p_people[n] AND key = p_keys[n];
      END IF;
    END LOOP;
  END $$;
`;

/** The limits, `d`, with the cap that is in force at v_at: that of the highest version of those that have begun. However many there were, one is read. */
export const LIMITS_IN_FORCE = `(SELECT s.id, s.currency, s.kinds, s.measure, s."window", f.cap FROM limit_definition s CROSS JOIN LATERAL (
        SELECT n.cap FROM limit_definition n WHERE n.id = s.id AND n."effectiveFrom" <= v_at ORDER BY n.version DESC LIMIT 1) f
        WHERE s.version = 1) d`;

/** As above, by the versions of limits and schedules that are in force: of the schedules that have begun, the one that was entered last. */
export const PAYMENT_STATES_BY_VERSION = PAYMENT_STATES_OWN
  .replace('FROM limit_definition d', `FROM ${LIMITS_IN_FORCE}`)
  .replace('ORDER BY s."effectiveFrom" DESC', 'ORDER BY s."enteredAt" DESC');

/**
 * As above, without offers for a first payment to people who have paid before: most people have, the rule refuses each of them
 * (`fee-waiver.domain.ts`), and looking them up was a sixth of what the database did for a batch.
 */
export const PAYMENT_STATES_FIRST = PAYMENT_STATES_BY_VERSION
  .replace('v_offers jsonb;', 'v_offers jsonb;\n    v_paid uuid[];')
  .replace(
    `SELECT jsonb_agg(jsonb_build_object('n', q.n, 'campaignId'`,
    `SELECT coalesce(array_agg(c."personId"), '{}') INTO v_paid FROM person_counter c WHERE c."personId" = ANY (p_people) AND c.payments > 0;
    SELECT jsonb_agg(jsonb_build_object('n', q.n, 'campaignId'`,
  )
  .replace('ON q.currency = o.currency', 'ON q.currency = o.currency AND NOT (o."firstPaymentOnly" AND q.person = ANY (v_paid))');

/** As above, and whether the wallet is frozen: it stands in the row that is locked and read anyway. */
export const PAYMENT_STATES_FROZEN = PAYMENT_STATES_FIRST.replace(
  `'pending', a."debitsPending"::text`, `'pending', a."debitsPending"::text, 'frozen', a."frozenAt" IS NOT NULL`,
);

/**
 * As above, and what the payer owes, where they act for the merchant: else nobody asks. It is asked of the index of open debts, after the
 * payer's row is locked, which a return locks, too.
 */
export const PAYMENT_STATES_OWED = PAYMENT_STATES_FROZEN.replace(
  `'used', coalesce(u.used, '{}')`,
  `'owed', CASE WHEN q.person = ANY (m.people) THEN (SELECT jsonb_agg(jsonb_build_object('currency', d.currency, 'minor', d.minor::text) ORDER BY d.currency)
          FROM (SELECT o.currency, sum(o.owed - o.collected - o."writtenOff") AS minor FROM bank_order o
            WHERE o."personId" = q.person AND o.owed > o.collected + o."writtenOff" GROUP BY o.currency) d) END,
        'used', coalesce(u.used, '{}')`,
);

/** As above, and what they owe after charge-backs of cards. */
export const PAYMENT_STATES_OWED_OF_CARDS = PAYMENT_STATES_OWED.replace(
  `SELECT o.currency, sum(o.owed - o.collected - o."writtenOff") AS minor FROM bank_order o
            WHERE o."personId" = q.person AND o.owed > o.collected + o."writtenOff" GROUP BY o.currency`,
  `SELECT o.currency, sum(o.open) AS minor FROM (
            ${debtsWhere('currency, owed - collected - "writtenOff" AS open', `"personId" = q.person AND ${IS_OPEN}`)}) o GROUP BY o.currency`,
);
