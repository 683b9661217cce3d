import { gauge } from '@tael/platform/metrics';
import type { DataSource } from 'typeorm';

/** Shows how many bank files nobody compares any more: each waits for an operator, and what the bank booked in it for its comparison. */
export function measureBankFiles(dataSource: DataSource): void {
  gauge({
    name: 'tael_bank_files_failed',
    help: 'Bank files whose comparison has failed and that wait for an operator. Above 0 is an alarm.',
    collect: async (level) => {
      const [row]: { files: number }[] = await dataSource.query(`/* bankFiles.failed */ SELECT count(*)::int AS files FROM bank_file WHERE status = 'FAILED'`);
      level.set(row!.files);
    },
  });
}
