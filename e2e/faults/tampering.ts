import { onDatabase } from './engine/databases';
import type { StackFile } from './engine/stack.files';

type Database = keyof StackFile['databaseUrls'];
export type Undo = () => Promise<unknown>;

interface Row {
  readonly database: Database;
  readonly table: string;
  /** Which row: the first one that it holds of. */
  readonly where: string;
  readonly params?: readonly unknown[];
}

/** Changes rows behind the back of the services, as no service may: past grants, triggers and references. Each change gives its way back. */
export class Tampering {
  constructor(private readonly stack: StackFile) {}

  /** Runs a statement in the name of the superuser. */
  query(database: Database, sql: string, params: readonly unknown[] = []): Promise<any[]> {
    const url = new URL(this.stack.adminDatabaseUrl);
    url.pathname = new URL(this.stack.databaseUrls[database]).pathname;
    return onDatabase(url.href, async (client) => {
      await client.query('/* faults.tamper */ SET session_replication_role = replica');
      return client.query(sql, [...params]);
    });
  }

  async removed({ database, table, where, params }: Row): Promise<Undo> {
    const [gone] = await this.query(database,
      `/* faults.remove */ DELETE FROM ${table} t WHERE ctid = (SELECT ctid FROM ${table} WHERE ${where} LIMIT 1) RETURNING to_jsonb(t)::text AS row`,
      params);
    if (!gone) throw new Error(`no ${table} where ${where} ${JSON.stringify(params)}`);
    return () => this.insert(database, table, gone.row);
  }

  /** A second row like a first, but for some columns; `id` among them. */
  async doubled({ database, table, where, params }: Row, changes: { readonly id: string } & Record<string, unknown>): Promise<Undo> {
    const [found] = await this.query(database, `/* faults.find */ SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE ${where} LIMIT 1`, params);
    if (!found) throw new Error(`no ${table} where ${where} ${JSON.stringify(params)}`);
    await this.insert(database, table, found.row, changes);
    return () => this.query(database, `/* faults.undo */ DELETE FROM ${table} WHERE id = $1`, [changes.id]);
  }

  async changed({ database, table, where, params }: Row, set: string, back: string): Promise<Undo> {
    const [{ xmin } = { xmin: undefined }] = await this.query(database,
      `/* faults.change */ UPDATE ${table} SET ${set} WHERE ctid = (SELECT ctid FROM ${table} WHERE ${where} LIMIT 1) RETURNING xmin::text AS xmin`, params);
    if (xmin === undefined) throw new Error(`no ${table} where ${where} ${JSON.stringify(params)}`);
    return () => this.query(database, `/* faults.undo */ UPDATE ${table} SET ${back} WHERE xmin::text = $1`, [xmin]);
  }

  private insert(database: Database, table: string, row: string, changes: object = {}): Promise<any[]> {
    return this.query(database,
      `/* faults.insert */ INSERT INTO ${table} OVERRIDING SYSTEM VALUE
       SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb || $2::jsonb)`, [row, JSON.stringify(changes)]);
  }
}
