import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { type __Entity__, type LabelRefusal, decideLabel } from './__entityFile__.domain';
import { __Entity__Entity } from './__entityFile__.entity';

export type __Entity__Outcome =
  | { readonly ok: true; readonly __entity__: __Entity__ }
  | { readonly ok: false; readonly refusals: readonly LabelRefusal[] };

interface __Entity__ServiceParts {
  readonly dataSource: DataSource;
  readonly now: () => Date;
}

/** Answers for __words__: what their owners create, and the one that everybody begins with. */
export class __Entity__Service {
  constructor(private readonly parts: __Entity__ServiceParts) {}

  /** Creates one for its owner. Refusals: INVALID_INPUT. */
  async create(command: { label: string }, ownerId: string): Promise<__Entity__Outcome> {
    const decision = decideLabel(command.label);
    if (!decision.ok) return decision;
    const { label } = decision;
    const __entity__: __Entity__ = { id: uuidv7(), ownerId, label, origin: 'CREATED', createdAt: this.parts.now() };
    await inTransaction(this.parts.dataSource, (tx) => tx.insert(__Entity__Entity, __entity__));
    return { ok: true, __entity__ };
  }

  /** Gives a person who joined their first one. Whoever has it keeps it: the event may come again. */
  async welcome(tx: Tx, person: { id: string; joinedAt: Date }): Promise<void> {
    await tx.query(
      `/* __table__.welcome */ INSERT INTO "__table__" (id, "ownerId", label, origin, "createdAt")
       VALUES ($1, $2, $3, 'WELCOME', $4) ON CONFLICT ("ownerId") WHERE origin = 'WELCOME' DO NOTHING`,
      [uuidv7(), person.id, 'Welcome', person.joinedAt],
    );
  }

  /** Gives those that exist and that the viewer owns, by id in lower case. */
  async findOwned(ids: readonly string[], ownerId: string): Promise<Map<string, __Entity__>> {
    const rows: __Entity__[] = await this.parts.dataSource.query(
      `/* __table__.find */ SELECT id, "ownerId", label, origin, "createdAt" FROM "__table__"
       WHERE id = ANY($1::uuid[]) AND "ownerId" = $2`,
      [ids.filter((id) => isUuid(id)), ownerId],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Gives up to `page.limit` of an owner's, the oldest first. */
  async list(ownerId: string, page: { limit: number; after: string | undefined }): Promise<__Entity__[]> {
    return this.parts.dataSource.query(
      `/* __table__.list */ SELECT id, "ownerId", label, origin, "createdAt" FROM "__table__"
       WHERE "ownerId" = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [ownerId, page.after ?? null, page.limit],
    );
  }
}
