import { createHash } from 'node:crypto';
import type pg from 'pg';
import { BEGIN, COMMIT, FramedQuery, type Statement } from './framed-query';
import { isStale, isStaleExpression } from './postgres.errors';
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

/** How far a transaction is whose BEGIN and COMMIT this side has in its hands. */
type Phase = 'none' | 'to-begin' | 'open' | 'committed';

/** So often a statement alone is sent again: its own plan may be stale, and after that one of a function that it calls. */
const STALE_IN_WAYS = 2;

const done = (command: string): Promise<unknown> => Promise.resolve({ command, rows: [], rowCount: null });

/**
 * A session that prepares our statements: one that begins with its name and has parameters is parsed and planned once a
 * session instead of once a call. TypeORM's own statements, migrations and statements without parameters are sent as ever.
 *
 * A transaction's BEGIN waits for its first statement and goes out with it, and the last statement takes the COMMIT along where
 * {@link commitWith} says so: each is a round trip less. The first transaction of a session prepares both.
 */
export class PreparingClient extends WatchedClient {
  /** Grows where a migration has made the plans of this session stale: names of the generation before are used no more. */
  private generation = 0;
  /** A function or a trigger of this session has plans that a migration made stale: they are discarded as soon as no transaction is open. */
  private discards = false;
  private phase: Phase = 'none';
  /** The text that commits; none where the open transaction's last statement was not announced. */
  private last: string | undefined;

  /** Makes a statement with parameters, the next of this text, the last of the open transaction: it is committed with it, in one round trip. */
  commitWith(text: string): void {
    if (this.phase === 'none' || this.phase === 'committed') throw new Error('there is no open transaction to commit');
    this.last = this.knows(COMMIT.name) ? text : undefined;
  }

  private get session(): SessionState {
    return this as unknown as SessionState;
  }

  private knows(name: string): boolean {
    return this.session.connection.parsedStatements[name] !== undefined;
  }

  private send(...input: unknown[]): unknown {
    return (super.query as Query)(...input);
  }

  override query = ((text: unknown, values?: unknown, callback?: unknown): unknown => {
    if (callback !== undefined || typeof values === 'function' || typeof text !== 'string') return this.plainly(text, values, callback);
    if (text === 'START TRANSACTION') return this.beginning();
    if (text === 'COMMIT' || text === 'ROLLBACK') return this.ending(text);
    if (this.phase === 'committed') return Promise.reject(new Error('the transaction was committed with the statement before'));
    if (!Array.isArray(values)) return this.plainly(text);
    const name = statementName(text);
    if (name === undefined && values.length === 0) return this.plainly(text, values);
    return this.prepared(name, text, values);
  }) as pg.Client['query'];

  private beginning(): unknown {
    const known = this.knows(BEGIN.name) && this.session.readyForQuery && this.session.getTransactionStatus() === 'I';
    this.phase = known ? 'to-begin' : 'open';
    return known ? done('BEGIN') : this.send({ ...BEGIN, values: [] });
  }

  private ending(text: 'COMMIT' | 'ROLLBACK'): unknown {
    const { phase } = this;
    this.phase = 'none';
    this.last = undefined;
    // Nothing was sent, or it is committed already: a ROLLBACK then comes of an error after that, which the caller hears of.
    if (phase === 'to-begin' || phase === 'committed') return done(text);
    // A trigger may wait for the commit.
    if (text === 'COMMIT') return this.noting(this.send({ ...COMMIT, values: [] }));
    const undone = this.send(text);
    if (!this.discards) return undone;
    return (undone as Promise<unknown>).then(async (answer) => {
      await this.discardPlans();
      return answer;
    });
  }

  private async discardPlans(): Promise<void> {
    this.discards = false;
    await this.send('DISCARD PLANS');
  }

  /**
   * Sends what has no parameters, several statements perhaps, and what is not a text. A BEGIN that waits goes out before it, and is
   * waited for: it is no part of the same message, so the text would run alone where the BEGIN failed.
   */
  private plainly(...input: unknown[]): unknown {
    if (this.phase !== 'to-begin') {
      const sent = this.send(...input);
      return sent instanceof Promise ? this.noting(sent) : sent;
    }
    this.phase = 'open';
    const begun = this.send({ ...BEGIN, values: [] }) as Promise<unknown>;
    return this.noting(begun.then(() => this.send(...input)));
  }

  private async prepared(name: string | undefined, text: string, values: unknown[]): Promise<unknown> {
    // Only a statement that is a transaction of its own may be sent again: a broken transaction has to begin anew.
    const alone = this.phase === 'none' && this.session.readyForQuery && this.session.getTransactionStatus() === 'I';
    // What a statement gives and what its functions read are found stale one after the other.
    for (let again = alone ? STALE_IN_WAYS : 0; ; again -= 1) {
      const { generation } = this;
      try {
        return await this.framed({ ...(name && { name: generation ? `${name}:${generation}` : name }), text, values });
      } catch (error) {
        this.note(error);
        if (!isStale(error)) throw error;
        if (this.generation === generation) this.generation += 1;
        if (again === 0) throw error;
        if (this.discards) await this.discardPlans();
      }
    }
  }

  /** Looks at an error for what this session has to do before its next statement. */
  private note(error: unknown): void {
    this.discards ||= isStaleExpression(error);
  }

  private async noting(sent: unknown): Promise<unknown> {
    try {
      return await sent;
    } catch (error) {
      this.note(error);
      throw error;
    }
  }

  private async framed(statement: Statement): Promise<unknown> {
    const frame = { begins: this.phase === 'to-begin', commits: this.last === statement.text };
    if (!frame.begins && !frame.commits) return this.send(statement);
    // From here on, not from the answer on: what is sent meanwhile would run after the commit, alone.
    this.phase = frame.commits ? 'committed' : 'open';
    this.last = undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.send(new FramedQuery(statement, frame, (error, answer) => (error ? reject(error) : resolve(answer))));
      });
    } catch (error) {
      this.phase = 'open';
      throw error;
    }
  }
}
