/**
 * What the application role may do with a service's tables. A table that no list names: SELECT, INSERT, UPDATE and DELETE.
 * A table whose trigger refuses changes is append-only whatever the lists say: a migrate program of an earlier version,
 * which does not know the table, must not open it.
 */
export interface TableRights {
  /** Rows come by migrations alone: SELECT. */
  readonly readOnly?: readonly string[];
  /** A row stays as it was written: SELECT and INSERT. */
  readonly appendOnly?: readonly string[];
  /** Rows change but stay: SELECT, INSERT and UPDATE. */
  readonly kept?: readonly string[];
}

/** Runs one statement and gives its rows: a session of TypeORM or of the driver. */
export type RunStatement = (text: string, values?: unknown[]) => Promise<Record<string, string>[]>;

// By convention the owner is named after the application role, so that nobody has to be told the name of the other.
const APPLICATION_ROLE = `/* grants.role */ SELECT rolname AS role FROM pg_roles WHERE rolname || '_owner' = current_user`;

// Whoever may connect is named; nobody but the owner may make anything in the database, not even temporary tables, which
// could stand before the real ones. A new table can be read and added to at once, and changed once it is known that it may.
const DOORS = `/* grants.doors */
  SELECT format('GRANT CONNECT ON DATABASE %I TO %I', datname, $1::text) AS statement FROM pg_database
  WHERE datname = current_database() AND datdba = current_user::regrole AND NOT EXISTS (
    SELECT FROM aclexplode(datacl) a WHERE a.grantee = $1::regrole AND a.privilege_type = 'CONNECT')
  UNION ALL
  SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) FROM pg_database
  WHERE datname = current_database() AND datdba = current_user::regrole
    AND EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) a WHERE a.grantee = 0)
  UNION ALL
  SELECT format('GRANT USAGE ON SCHEMA public TO %I', $1::text) WHERE NOT has_schema_privilege($1, 'public', 'USAGE')
  UNION ALL
  SELECT format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO %I', $1::text)
  UNION ALL
  SELECT format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO %I', $1::text)
  UNION ALL
  SELECT format('GRANT USAGE ON SEQUENCE %s TO %I', s.seqrelid::regclass, $1::text)
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid AND c.relnamespace = 'public'::regnamespace
    AND c.relowner = current_user::regrole
  WHERE NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = $1::regrole AND a.privilege_type = 'USAGE')`;

// Only what differs is said, so that a run that finds nothing to do makes no session plan its statements anew. The bits
// of a trigger's type are BEFORE, DELETE and UPDATE.
const TABLES = `/* grants.tables */
  WITH wanted AS (
    SELECT c.oid, c.relacl, CASE
        WHEN c.relname = 'migration' OR c.relname = ANY ($2) THEN '{SELECT}'
        WHEN c.relname = ANY ($3) OR EXISTS (
          SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
          WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change' AND t.tgtype & 26 = 26) THEN '{SELECT,INSERT}'
        WHEN c.relname = ANY ($4) THEN '{SELECT,INSERT,UPDATE}'
        ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[] AS rights
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relowner = current_user::regrole
  ), compared AS (
    SELECT w.oid, w.rights, ARRAY(SELECT a.privilege_type::text FROM aclexplode(w.relacl) a WHERE a.grantee = $1::regrole) AS had
    FROM wanted w
  )
  SELECT format('REVOKE %s ON TABLE %s FROM %I', array_to_string(r.rights, ', '), c.oid::regclass, $1::text) AS statement
  FROM compared c, LATERAL (SELECT array_agg(h) AS rights FROM unnest(c.had) h WHERE h <> ALL (c.rights)) r
  WHERE r.rights IS NOT NULL
  UNION ALL
  SELECT format('GRANT %s ON TABLE %s TO %I', array_to_string(r.rights, ', '), c.oid::regclass, $1::text)
  FROM compared c, LATERAL (SELECT array_agg(w) AS rights FROM unnest(c.rights) w WHERE w <> ALL (c.had)) r
  WHERE r.rights IS NOT NULL`;

/**
 * Gives the application role what it needs in the database, and takes what it must not have. Run by the owner, `<role>_owner`;
 * where one role is both, there is nobody to give to and nothing is done. Gives the role's name.
 */
export async function openToApplication(run: RunStatement, rights: TableRights = {}): Promise<string | undefined> {
  const [found] = await run(APPLICATION_ROLE);
  if (!found) return undefined;
  const role = found['role']!;
  const { readOnly = [], appendOnly = [], kept = [] } = rights;
  const doors = await run(DOORS, [role]);
  const tables = await run(TABLES, [role, readOnly, appendOnly, kept]);
  for (const { statement } of [...doors, ...tables]) await run(statement!);
  return role;
}
