/** Who of a merchant's people gave a payment back. Written with the refund, and never changed. */
export const REFUND_PERSON_TABLE = `
  CREATE TABLE refund_person (
    "refundId" uuid CONSTRAINT refund_person_pkey PRIMARY KEY CONSTRAINT refund_person_refund REFERENCES ledger_tx,
    "personId" uuid NOT NULL CONSTRAINT refund_person_person REFERENCES person,
    role text NOT NULL,
    CONSTRAINT refund_person_role CHECK (role IN ('OWNER', 'MANAGER', 'CASHIER'))
  );
  CREATE TRIGGER refund_person_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_person EXECUTE FUNCTION refuse_change();
`;
