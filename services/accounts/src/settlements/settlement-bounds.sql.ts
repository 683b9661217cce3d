/**
 * What no settlement and no terms may say, from now on. Rows of before are never changed by it, and what became of them later is still
 * written to them: so these are triggers of what comes in, and no constraints.
 */
export const SETTLEMENT_BOUNDS = `
  CREATE FUNCTION fees_out_of_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'fees are out of bounds' USING ERRCODE = 'check_violation';
  END $$;
  CREATE TRIGGER settlement_fees_within_gross BEFORE INSERT ON settlement FOR EACH ROW
    WHEN (NEW.fees > NEW.gross) EXECUTE FUNCTION fees_out_of_bounds();
  CREATE FUNCTION merchant_terms_within_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW."feeBasisPoints" > 2000 OR NEW."feeFixed" > (SELECT CASE scale WHEN 3 THEN 2000 ELSE 500 END FROM asset WHERE code = NEW.currency) THEN
      RAISE EXCEPTION 'a fee is higher than any may be' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER merchant_terms_within_bounds BEFORE INSERT ON merchant_terms FOR EACH ROW EXECUTE FUNCTION merchant_terms_within_bounds();
`;

export const DROP_SETTLEMENT_BOUNDS = `
  DROP TRIGGER settlement_fees_within_gross ON settlement;
  DROP TRIGGER merchant_terms_within_bounds ON merchant_terms;
  DROP FUNCTION fees_out_of_bounds(), merchant_terms_within_bounds();
`;
