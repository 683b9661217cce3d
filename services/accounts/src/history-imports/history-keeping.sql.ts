/**
 * When the bank was last heard of an import, and what is kept of one whose lines are removed. Those of before count from this migration on, as do
 * those that the program of before begins. Rows that brought something to the books stay whoever asks: the service may remove the others.
 */
export const HISTORY_KEEPING = `
  ALTER TABLE history_import ADD COLUMN "heardAt" timestamptz NOT NULL DEFAULT now();
  ALTER TABLE history_import ADD COLUMN "keptAccounts" integer;
  ALTER TABLE history_import ADD COLUMN "keptOverdrawn" integer;
  ALTER TABLE history_import ADD COLUMN "clearedAt" timestamptz;

  CREATE FUNCTION keep_history_line() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD.version IS NOT NULL OR EXISTS (SELECT FROM ledger_tx t WHERE t.id = OLD.id) THEN RAISE EXCEPTION 'lines that the books have entries of stay'; END IF;
    RETURN OLD;
  END $$;
  CREATE TRIGGER history_line_stays BEFORE DELETE ON history_line FOR EACH ROW EXECUTE FUNCTION keep_history_line();

  CREATE FUNCTION keep_history_account() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM history_import i WHERE i.id = OLD."importId" AND i.status NOT IN ('REFUSED', 'DISCARDED')) THEN
      RAISE EXCEPTION 'accounts of an import that goes on, or is done, stay';
    END IF;
    RETURN OLD;
  END $$;
  CREATE TRIGGER history_account_stays BEFORE DELETE ON history_account FOR EACH ROW EXECUTE FUNCTION keep_history_account();

  CREATE FUNCTION keep_partner_account() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD."openedAt" IS NOT NULL OR EXISTS (SELECT FROM account a WHERE a.id = OLD.id) THEN RAISE EXCEPTION 'accounts that are open, or in the books, stay'; END IF;
    RETURN OLD;
  END $$;
  CREATE TRIGGER partner_account_stays BEFORE DELETE ON partner_account FOR EACH ROW EXECUTE FUNCTION keep_partner_account();
`;

export const HISTORY_KEEPING_BACK = `
  DROP TRIGGER partner_account_stays ON partner_account;
  DROP FUNCTION keep_partner_account();
  DROP TRIGGER history_account_stays ON history_account;
  DROP FUNCTION keep_history_account();
  DROP TRIGGER history_line_stays ON history_line;
  DROP FUNCTION keep_history_line();
  ALTER TABLE history_import DROP COLUMN "clearedAt", DROP COLUMN "keptOverdrawn", DROP COLUMN "keptAccounts", DROP COLUMN "heardAt";
`;

/** Imports that may have something to remove: of those that are done with it there are ever more. */
export const TO_CLEAR = { name: 'history_import_to_clear', definition: 'ON history_import (id) WHERE "clearedAt" IS NULL AND status <> \'DONE\'' };
