import type { NotedCheckpoint } from './checkpoints/checkpoint.verification';
import { accountsDataSource } from './data-source';
import { databaseSettings } from './env';
import { verifyBooks } from './ledger/verification.service';

const NOTED = /^(\d{1,18}):([0-9a-f]{64})$/;

/** Reads `--checkpoint <number>:<hash>`, as an earlier report or the service's log showed it; 'unusable' for anything else. */
function notedCheckpoint([option, value, ...rest]: readonly string[]): NotedCheckpoint | undefined | 'unusable' {
  if (option === undefined) return undefined;
  const [, number, hash] = NOTED.exec(value ?? '') ?? [];
  if (option !== '--checkpoint' || number === undefined || hash === undefined || rest.length > 0) return 'unusable';
  return { number: BigInt(number), hash };
}

/** Proves the books of the database in DATABASE_URL: a short report, a line as soon as it is known, exit status 0 where they are sound, else 1. */
async function main(): Promise<number> {
  const noted = notedCheckpoint(process.argv.slice(2));
  if (noted === 'unusable') {
    process.stderr.write('The only option is --checkpoint <number>:<hash of 64 digits>.\n');
    return 2;
  }
  const dataSource = await accountsDataSource({ url: databaseSettings().DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const report = await verifyBooks(dataSource, noted, {
      sizes({ accounts, transactions, postings, unfolded }) {
        process.stdout.write(`${transactions} transactions, ${postings} postings, ${accounts} accounts, ${unfolded} deltas not folded yet\n`);
      },
      checked({ name, breaches, examples }) {
        process.stdout.write(breaches === 0n ? `  ok      ${name}\n` : `  BROKEN  ${name}: ${breaches}\n`);
        for (const example of examples) process.stdout.write(`            ${example}\n`);
      },
    });
    const { checkpoint } = report;
    if (checkpoint) process.stdout.write(`Closed over up to checkpoint ${checkpoint.number}:${checkpoint.hash}\n`);
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
