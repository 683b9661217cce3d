import 'reflect-metadata';
import os from 'node:os';
import { createLogger } from '@tael/platform/log';
import { accountsDataSource } from './data-source';
import { accountsSettings } from './env';
import { doneBy, type OperatorCommand, readOperatorCommand } from './operators/operator-command.domain';
import type { OperatorService } from './operators/operator.service';
import type { Refused } from './outcomes/outcome.domain';
import { createServices } from './services';

const USAGE = `usage: node dist/operators.js grant  <mail address> --reason <why> [--by <who>]
       node dist/operators.js revoke <mail address> --reason <why> [--by <who>]
       node dist/operators.js list

Gives a person the role of an operator, or takes it away with all their sessions and with what they asked for and nobody has approved. Both are entries
of the trail, which nobody can change or erase: when, why, and by which account of this machine. Where many use one account, --by says who it was: a name
of staff or the number of a ticket, no mail address. Takes the environment of accounts. Exit status 0: done; 1: not, and why; 64: not understood.
`;

/** The account that runs this, as its machine knows it. */
function account(): string {
  const host = os.hostname();
  try {
    return `${os.userInfo().username}@${host}`;
  } catch {
    // A container may run as a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}@${host}`;
  }
}

/** Says why nothing was done, in words for whoever typed it. */
function wordsOf({ refusals }: Refused): string {
  const [{ code, reason }] = refusals as [Refused['refusals'][number]];
  if (code === 'INVALID_INPUT') return `This is no reason (${reason}): 1 to 500 characters, no control characters.`;
  if (code === 'NOT_FOUND') return 'Nobody has this mail address.';
  return code === 'ALREADY_EXISTS' ? 'The person is an operator already.' : 'The person is no operator.';
}

/** Does what was asked and gives the lines to show: what is done on standard output, a refusal or warning on the other. */
async function run(operators: OperatorService, command: OperatorCommand): Promise<{ done?: string; warning?: string }> {
  if (command.kind === 'LIST') {
    const rows = await operators.list({ after: undefined, limit: 10_000 });
    const lines = rows.map(({ id, displayName, secondFactor, grantedAt, grantedBy, reason }) =>
      [id, displayName, grantedAt?.toISOString() ?? 'since before entries were kept', grantedBy ?? 'by nobody known', secondFactor ? 'second factor' : 'no second factor',
        JSON.stringify(reason ?? '')].join('  '));
    return { done: lines.join('\n') || 'There is no operator.' };
  }
  const change = { email: command.email, reason: command.reason, by: doneBy(account(), command.by) };
  if (command.kind === 'GRANT') {
    const granted = await operators.grant(change);
    return granted.ok ? { done: 'The person is an operator; the next access token says so.' } : { warning: wordsOf(granted) };
  }
  const revoked = await operators.revoke(change);
  if (!revoked.ok) return { warning: wordsOf(revoked) };
  const done = `The person is no operator any more. Sessions ended: ${revoked.sessions}; requests taken back: ${revoked.requests}.`;
  if (revoked.left === 0) return { done, warning: 'Warning: there is no operator left.' };
  return revoked.left === 1 ? { done, warning: 'Warning: one operator is left; what wants two waits until there is another.' } : { done };
}

async function main(): Promise<number> {
  const command = readOperatorCommand(process.argv.slice(2));
  if (!command) {
    process.stderr.write(USAGE);
    return 64;
  }
  const settings = accountsSettings();
  const log = createLogger({ service: 'accounts-operators', level: settings.LOG_LEVEL });
  const dataSource = await accountsDataSource({ url: settings.DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const { operators } = createServices({ dataSource, log, settings, now: () => new Date() });
    const { done, warning } = await run(operators, command);
    if (done !== undefined) process.stdout.write(`${done}\n`);
    if (warning !== undefined) process.stderr.write(`${warning}\n`);
    return done === undefined ? 1 : 0;
  } finally {
    await dataSource.destroy();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
