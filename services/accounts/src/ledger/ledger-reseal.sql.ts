/**
 * The one change that a transaction of the books allows: its free text sealed under another key. Nothing else of the row may
 * differ, and the sealed text must be as long as before, as the same text is. Whoever may not update the table may still do
 * this, through the function.
 */
export const LEDGER_RESEAL = `
  CREATE FUNCTION refuse_change_but_of_seal() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.description ~ '^v1\\.[a-z0-9-]{1,32}\\.[A-Za-z0-9_-]{16}\\.[A-Za-z0-9_-]+$'
      AND split_part(NEW.description, '.', 2) <> split_part(OLD.description, '.', 2)
      AND length(split_part(NEW.description, '.', 4)) = length(split_part(OLD.description, '.', 4))
      AND to_jsonb(NEW) - 'description' = to_jsonb(OLD) - 'description'
    THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: a correction is another transaction', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END $$;
  DROP TRIGGER ledger_tx_append_only ON ledger_tx;
  CREATE TRIGGER ledger_tx_append_only BEFORE DELETE OR TRUNCATE ON ledger_tx EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER ledger_tx_resealed_only BEFORE UPDATE ON ledger_tx
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_of_seal();

  CREATE FUNCTION ledger_reseal(p_ids uuid[], p_before text[], p_after text[]) RETURNS SETOF uuid
  LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    UPDATE ledger_tx t SET description = v.after
    FROM unnest(p_ids, p_before, p_after) AS v (id, before, after)
    WHERE t.id = v.id AND t.description = v.before
    RETURNING t.id
  $$;
`;
