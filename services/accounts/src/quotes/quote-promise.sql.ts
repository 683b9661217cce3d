/** What quotes promised of waivers, kept for as long as they are valid. */
export const QUOTE_PROMISE_TABLE = `
  CREATE TABLE quote_promise (
    "personId" uuid NOT NULL,
    "walletId" uuid NOT NULL,
    "merchantId" uuid NOT NULL,
    amount bigint NOT NULL,
    "campaignId" uuid NOT NULL CONSTRAINT quote_promise_offer REFERENCES fee_waiver_offer,
    currency text NOT NULL,
    waived bigint NOT NULL,
    "validUntil" timestamptz NOT NULL,
    CONSTRAINT quote_promise_pkey PRIMARY KEY ("personId", "walletId", "merchantId", amount, "campaignId"),
    CONSTRAINT quote_promise_amounts CHECK (amount > 0 AND waived > 0)
  );
  CREATE INDEX quote_promise_end ON quote_promise ("validUntil");
`;
