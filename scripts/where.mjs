#!/usr/bin/env node
// Answers in one look where a transaction is: `npm run where -- <transaction id>`.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from './stack/settings.mjs';
import { beginOf, factsOf, idsOf, inboxesOf, isKnown, merchantOf, webhooksOf, withDatabases } from './where/facts.mjs';
import { tell } from './where/tale.mjs';
import { CONSUMERS, eventsAbout, lacksWebhook, openBus, WEBHOOKS } from './where/topics.mjs';

const HELP = `Where is my payment: npm run where -- <transaction id>

Follows a transaction through the running stack: its rows in accounts, the order to the card processor or the bank, the
outbox, its events with partition and offset, the inboxes of the consumers, what rewards decided and paid, the messages
and their deliveries, the merchant's webhooks; and says what is still open. docs/debugging.md explains each part.

The topics are read from an hour before the transaction on. After 30 days events and inboxes may be forgotten: what is
not there any more is then no longer told as open.

Exit status 0: all that should follow has followed; 1: something is open, as a top-up that the bank still has in hand;
2: nobody knows the id; 3: no stack to look at.

  TAEL_HOME=.tael   the folder of the running stack
`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @returns {Record<string, any> | undefined} */
function runningStack() {
  const file = path.join(path.resolve(ROOT, process.env.TAEL_HOME || '.tael'), 'stack.json');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {Record<string, any>} stack
 * @param {Record<string, import('pg').Client>} databases
 * @param {import('./where/facts.mjs').Facts} facts
 */
async function traceEvents(stack, databases, facts) {
  const { bus, listDeadLetters } = openBus(stack);
  try {
    const events = await eventsAbout(bus, idsOf(facts), beginOf(facts));
    const eventIds = events.map(({ id }) => id);
    const inboxes = await inboxesOf(databases, eventIds);
    Object.assign(facts, await webhooksOf(databases, merchantOf(facts), eventIds));
    const traced = [];
    for (const event of events) {
      const found = inboxes.get(event.id) ?? [];
      const missing = (CONSUMERS[event.type] ?? []).filter((name) => !found.some(({ consumer }) => consumer === name));
      if (lacksWebhook(event, facts)) missing.push(WEBHOOKS);
      const dead = [];
      for (const group of missing) {
        const letters = await listDeadLetters(bus, event.topic, group);
        if (letters.some((/** @type {{ eventId?: string }} */ letter) => letter.eventId === event.id)) dead.push(group);
      }
      traced.push({ ...event, inboxes: found, missing, dead });
    }
    return traced;
  } finally {
    await bus.close();
  }
}

async function main() {
  const [given, ...rest] = process.argv.slice(2);
  if (given === '--help' || given === '-h') return void process.stdout.write(HELP);
  const id = given?.toLowerCase() ?? '';
  if (!UUID.test(id) || rest.length > 0) {
    process.stderr.write(`${given ? `${given} is no transaction id.` : 'Which transaction?'}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const stack = runningStack();
  if (!stack) {
    process.stderr.write('No stack runs here: `npm start` begins one, TAEL_HOME names another.\n');
    process.exitCode = 3;
    return;
  }
  await withDatabases(stack.databaseUrls, async (databases) => {
    const facts = await factsOf(databases, id);
    const events = isKnown(facts) ? await traceEvents(stack, databases, facts) : [];
    const text = tell(facts, events);
    process.stdout.write(`${text}\n`);
    process.exitCode = !isKnown(facts) ? 2 : text.endsWith('All that should follow has followed.') ? 0 : 1;
  });
}

main().catch((error) => {
  process.stderr.write(`Something that is needed for the answer does not answer: ${error.message}\n`);
  process.exitCode = 3;
});
