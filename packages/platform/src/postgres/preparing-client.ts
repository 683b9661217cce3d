import { createHash } from 'node:crypto';
import type pg from 'pg';
import { isStalePlan } from './postgres.errors';
import { type SessionState, WatchedClient } from './watched-client';

/**
 * How many texts of a process get a name; further ones are planned each time. A service has fewer than a hundred
 * statements, so only texts that are put together at random would come near it.
 */
export const NAMES_MAX = 500;

const NAMED = /^\/\* ([\w.-]{1,40}) \*\//;
const names = new Map<string, string>();

/** Gives the name under which a statement is prepared: what its comment says and a hash of its text; none for other texts. */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  const label = NAMED.exec(text)?.[1];
  if (label === undefined || names.size >= NAMES_MAX) return undefined;
  const name = `${label}:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
  names.set(text, name);
  return name;
}

type Query = (...input: unknown[]) => unknown;

/**
 * A session that prepares our statements: one that begins with its name and has parameters is parsed and planned once a
 * session instead of once a call. TypeORM's own statements, migrations and statements without parameters are sent as ever.
 */
export class PreparingClient extends WatchedClient {
  /** Grows where a migration has made the plans of this session stale: names of the generation before are used no more. */
  private generation = 0;

  private send(...input: unknown[]): unknown {
    return (super.query as Query)(...input);
  }

  override query = ((text: unknown, values?: unknown, callback?: unknown): unknown => {
    const name = typeof text === 'string' && Array.isArray(values) && callback === undefined ? statementName(text) : undefined;
    return name === undefined ? this.send(text, values, callback) : this.prepared(name, text as string, values as unknown[]);
  }) as pg.Client['query'];

  private async prepared(name: string, text: string, values: unknown[]): Promise<unknown> {
    const { generation } = this;
    const run = () => this.send({ name: this.generation ? `${name}:${this.generation}` : name, text, values });
    // Only a statement that is a transaction of its own may be sent again: a broken transaction has to begin anew.
    const session = this as unknown as SessionState;
    const alone = session.readyForQuery && session.getTransactionStatus() === 'I';
    try {
      return await run();
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      if (this.generation === generation) this.generation += 1;
      if (!alone) throw error;
      return run();
    }
  }
}
