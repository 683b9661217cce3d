/** Who shares what with whom, and the bank accounts of which that is known before it is proved whose they are. */
export const PERSON_LINKS = `
  CREATE TABLE person_link (
    "lowId" uuid NOT NULL CONSTRAINT person_link_low REFERENCES person,
    "highId" uuid NOT NULL CONSTRAINT person_link_high REFERENCES person,
    by text NOT NULL CONSTRAINT person_link_kind CHECK (by IN ('CARD', 'BANK_ACCOUNT')),
    at timestamptz NOT NULL,
    CONSTRAINT person_link_pkey PRIMARY KEY ("lowId", "highId", by),
    CONSTRAINT person_link_order CHECK ("lowId" < "highId")
  );
  CREATE TABLE same_bank_account (
    "paymentMethodId" uuid NOT NULL CONSTRAINT same_bank_account_method REFERENCES payment_method,
    "otherId" uuid NOT NULL CONSTRAINT same_bank_account_other REFERENCES payment_method,
    CONSTRAINT same_bank_account_pkey PRIMARY KEY ("paymentMethodId", "otherId")
  );
  CREATE INDEX same_bank_account_by_other ON same_bank_account ("otherId");`;

/** By what is in clear of a number, to find who may have the same one. */
export const METHODS_BY_ENDING = { name: 'payment_method_ending', definition: 'ON payment_method (last4, kind, id)' };
