/** The trail of what operators change in accounts. */
export const AUDIT_TABLE = `
  CREATE TABLE audit_entry (
    id uuid CONSTRAINT audit_entry_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    "actorId" uuid,
    action text NOT NULL,
    "subjectKind" text NOT NULL,
    "subjectId" text NOT NULL,
    before jsonb,
    after jsonb,
    reason text NOT NULL,
    CONSTRAINT audit_entry_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500)
  );
  CREATE INDEX audit_entry_of_subject ON audit_entry ("subjectKind", "subjectId", id);
  CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry EXECUTE FUNCTION refuse_change();
`;
