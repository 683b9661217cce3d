import pg from 'pg';

/** How a transaction begins and ends: as prepared statements, so that they can stand beside another in one message. */
export const BEGIN = { name: 'tael.begin', text: 'BEGIN' } as const;
export const COMMIT = { name: 'tael.commit', text: 'COMMIT' } as const;

/** What the driver's query and connection have beyond their published types. */
interface Wire {
  bind(portal: { statement: string }): void;
  execute(portal: { portal?: string; rows?: number }): void;
  sync(): void;
}
interface DriverQuery {
  readonly portal: string;
  prepare(wire: Wire): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
}
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}
type Answered = (error: Error | null, result: unknown) => void;

const DriverQuery = pg.Query as unknown as new (statement: Statement & { queryMode: 'extended' }, values: undefined, answered: Answered) => DriverQuery;

const framed = (wire: Wire, { name }: { name: string }): void => {
  wire.bind({ statement: name });
  wire.execute({});
};

/**
 * A statement with the BEGIN of its transaction before it, the COMMIT after it, or both, sent as one message and ended by one
 * Sync: where one of them fails, Postgres skips those after it, so a statement never runs outside of its transaction and a
 * transaction whose last statement failed is not committed. The JDBC driver sends its BEGIN in this way. Both must be prepared already.
 */
export class FramedQuery extends DriverQuery {
  private completed = 0;

  constructor(statement: Statement, private readonly frame: { begins: boolean; commits: boolean }, answered: Answered) {
    super({ ...statement, queryMode: 'extended' }, undefined, answered);
  }

  override prepare(wire: Wire): void {
    if (this.frame.begins) framed(wire, BEGIN);
    super.prepare(wire);
  }

  /** What the driver calls to run the bound statement, and to end the message. */
  _getRows(wire: Wire): void {
    wire.execute({ portal: this.portal });
    if (this.frame.commits) framed(wire, COMMIT);
    wire.sync();
  }

  /** The driver's own answer is that of the statement: not of what stands around it. */
  override handleCommandComplete(message: unknown, wire: Wire): void {
    this.completed += 1;
    if (this.completed === (this.frame.begins ? 2 : 1)) super.handleCommandComplete(message, wire);
  }
}
