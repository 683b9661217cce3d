import type { DataSource } from 'typeorm';

/** What a gateway let a partner use since it told last, in units of cost. */
export interface PartnerUse {
  readonly partnerId: string;
  readonly units: number;
}

/** What is missing from a partner's bucket now, in units of cost. */
export interface PartnerLevel {
  readonly partnerId: string;
  readonly missing: number;
}

/** Adds up what partners use at all gateways, so that a partner has its rate once and not once a gateway. */
export class PartnerUseService {
  constructor(private readonly parts: { dataSource: DataSource }) {}

  /**
   * Adds what was used, and gives what is missing then: a bucket fills up by the partner's rate as it is now, by the clock of the database, and is never more
   * than full. A partner that is not known here is left out. In the order of their ids, so that two gateways never wait for each other.
   */
  async add(used: readonly PartnerUse[]): Promise<PartnerLevel[]> {
    if (used.length === 0) return [];
    return this.parts.dataSource.query(
      `/* partners.use */ INSERT INTO partner_use AS u ("partnerId", missing, "countedAt")
       SELECT p."partnerId", sum(t.units), clock_timestamp()
       FROM jsonb_to_recordset($1::jsonb) AS t ("partnerId" uuid, units double precision) JOIN partner_copy p ON p."partnerId" = t."partnerId"
       GROUP BY p."partnerId" ORDER BY p."partnerId"
       ON CONFLICT ("partnerId") DO UPDATE SET "countedAt" = clock_timestamp(),
         missing = excluded.missing + greatest(u.missing - greatest(extract(epoch FROM clock_timestamp() - u."countedAt"), 0)
           * (SELECT c."ratePerSecond" FROM partner_copy c WHERE c."partnerId" = u."partnerId"), 0)
       RETURNING "partnerId", missing`,
      [JSON.stringify(used)],
    );
  }
}
