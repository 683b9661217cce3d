import { accountsDataSource } from './data-source';
import { databaseSettings } from './env';
import { verifyBooks } from './ledger/verification.service';

/** Proves the books of the database in DATABASE_URL: a short report, exit status 0 where they are sound, else 1. */
async function main(): Promise<number> {
  const dataSource = await accountsDataSource({ url: databaseSettings().DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const report = await verifyBooks(dataSource);
    const { accounts, transactions, postings, unfolded } = report;
    process.stdout.write(`${transactions} transactions, ${postings} postings, ${accounts} accounts, ${unfolded} deltas not folded yet\n`);
    for (const { name, breaches, examples } of report.checks) {
      process.stdout.write(breaches === 0n ? `  ok      ${name}\n` : `  BROKEN  ${name}: ${breaches}\n`);
      for (const example of examples) process.stdout.write(`            ${example}\n`);
    }
    process.stdout.write(report.sound ? 'The books are sound.\n' : 'The books are NOT sound.\n');
    return report.sound ? 0 : 1;
  } finally {
    await dataSource.destroy();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(2);
  },
);
