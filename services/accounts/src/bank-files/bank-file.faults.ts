import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { audit } from '../audit/audit.service';
import { isGivenUp, pauseAfter } from '../history-imports/history-import.domain';
import type { BankFileEntity } from './bank-file.entity';

/**
 * Counts a try of a comparison that failed. The file rests, the longer the more of them; after some it has FAILED: it holds its currency up
 * no more, and keeps what it has shown so far, since operators may have worked on that.
 */
export async function noteFault(dataSource: DataSource, id: string, now: Date, how: { inTime: boolean }): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    const [found]: Pick<BankFileEntity, 'faults'>[] = await tx.query(
      `/* bankFile.faulty */ SELECT faults FROM bank_file WHERE id = $1 AND status = 'COMPARING' FOR NO KEY UPDATE`, [id],
    );
    if (!found) return;
    const faults = found.faults + 1;
    const failed = isGivenUp(faults, how);
    await tx.query(
      `/* bankFile.fault */ UPDATE bank_file SET faults = $2, "lookAt" = $3, status = CASE WHEN $4 THEN 'FAILED' ELSE status END WHERE id = $1`,
      [id, faults, failed ? null : new Date(now.getTime() + pauseAfter(faults)), failed],
    );
    if (!failed) return;
    await audit(tx, { kind: 'BANK_FILE', id }, {
      actorId: null, action: 'FILE_FAILED', before: { status: 'COMPARING' }, after: { status: 'FAILED', faults },
      reason: 'Its comparison failed each time it was tried: the log says why, by the id of the file', at: now,
    });
  });
}
