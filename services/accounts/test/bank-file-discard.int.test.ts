import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { BankFileWorkService } from '../src/bank-files/bank-file-work.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { operatorsOf } from './support/operators';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

// A file that waits for its comparison, given up before, while and after a worker takes it.
let world: PeopleWorld;
let ada: NewPerson;
let worker: BankFileWorkService;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_file_discard');
  ada = await operatorsOf(world).operator();
  worker = new BankFileWorkService({ dataSource: world.dataSource, now: world.now }, 3);
});
afterAll(() => world.end());

const today = (): string => new Date().toISOString().slice(0, 10);

async function call(name: string, type: string, input: object): Promise<Payload> {
  const { data, errors } = await world.ask(
    `mutation ($input: ${type}!) { ${name}(input: $input) { bankFile { id status comparedLines } userErrors { code field message } } }`, { input }, ada.as,
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name];
}
const discard = (fileId: string): Promise<Payload> => call('discardBankFile', 'BankFileInput', { fileId });

/** A file of five bookings, none of them ours, that waits for its comparison. */
async function waitingFile(): Promise<string> {
  const { bankFile } = await call('openBankFile', 'OpenBankFileInput', {
    reference: randomUUID(), currency: 'USD', from: today(), to: today(), openingBalance: '0.00', closingBalance: '5.00', reason: 'The daily file',
  });
  const rows = Array.from({ length: 5 }, (_, index) => `${randomUUID()},fee-${index},BOOKED,1.00,${today()}\n`);
  await call('addBankFileChunk', 'AddBankFileChunkInput', { fileId: bankFile.id, number: 0, text: `booking_id,reference,kind,amount,booked_on\n${rows.join('')}` });
  expect((await call('compareBankFile', 'BankFileInput', { fileId: bankFile.id })).bankFile).toMatchObject({ status: 'COMPARING' });
  return bankFile.id;
}
const stateOf = async (fileId: string) => (await world.rows('SELECT status, staged, "reconciliationId" FROM bank_file WHERE id = $1', [fileId]))[0]!;
const comparisons = async (): Promise<number> => Number((await world.rows('SELECT count(*) AS count FROM reconciliation'))[0]!['count']);
const leftOf = async (fileId: string): Promise<number> => Number((await world.rows(
  'SELECT (SELECT count(*) FROM bank_file_line WHERE "fileId" = $1) + (SELECT count(*) FROM bank_file_own WHERE "fileId" = $1) AS rows', [fileId],
))[0]!['rows']);

async function workOff(): Promise<void> {
  while ((await worker.work()) > 0);
}

it('is given up before a worker takes it: nothing is compared, nothing of it is left, and the next file of the currency may go', async () => {
  const [fileId, before] = [await waitingFile(), await comparisons()];
  expect((await discard(fileId)).bankFile).toMatchObject({ status: 'DISCARDED', comparedLines: 0 });
  expect((await discard(fileId)).bankFile).toMatchObject({ status: 'DISCARDED' });
  const { data } = await world.ask('query ($id: ID!) { bankFile(id: $id) { auditTrail(first: 5) { edges { node { actorId action before after } } } } }', { id: fileId }, ada.as);
  expect(data.bankFile.auditTrail.edges.map(({ node }: Payload) => node)).toEqual([
    { actorId: ada.id, action: 'FILE_DISCARDED', before: '{"status":"COMPARING"}', after: '{"status":"DISCARDED"}' },
    { actorId: ada.id, action: 'FILE_SUBMITTED', before: '{"status":"UPLOADING"}', after: '{"status":"COMPARING"}' },
    { actorId: ada.id, action: 'FILE_CHUNK_ADDED', before: '{"lineCount":0}', after: expect.any(String) },
    { actorId: ada.id, action: 'FILE_OPENED', before: null, after: expect.any(String) },
  ]);
  await workOff();
  expect([await comparisons(), await leftOf(fileId)]).toEqual([before, 0]);
  expect(await stateOf(fileId)).toEqual({ status: 'DISCARDED', staged: 0, reconciliationId: null });
  const next = await waitingFile();
  await workOff();
  expect(await stateOf(next)).toMatchObject({ status: 'DONE' });
});

it('is compared to its end where a worker was first, even where it has not committed yet', async () => {
  const fileId = await waitingFile();
  const waiting = async (count: number): Promise<void> => {
    await eventually(async () => expect(await world.rows(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )).toHaveLength(count));
  };
  // The worker has the file in hand and waits at its first look into the comparisons; only then comes who gives it up.
  const [worked, answer] = await world.atOnce('reconciliation', 2, async (index): Promise<Payload> => {
    if (index === 0) return worker.work();
    await waiting(1);
    return discard(fileId);
  });
  expect(worked).toBe(1);
  expect(answer).toMatchObject({ bankFile: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'fileId'], message: expect.stringContaining('past this') }] });
  expect(await stateOf(fileId)).toMatchObject({ status: 'COMPARING', reconciliationId: expect.any(String) });
  expect((await discard(fileId)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  await workOff();
  expect(await stateOf(fileId)).toMatchObject({ status: 'DONE' });
  expect((await discard(fileId)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
});

it('is passed over by a worker while somebody gives it up, and found given up after', async () => {
  const [fileId, before] = [await waitingFile(), await comparisons()];
  const giving = world.dataSource.createQueryRunner();
  await giving.startTransaction();
  try {
    await giving.query(`UPDATE bank_file SET status = 'DISCARDED', "endedAt" = now() WHERE id = $1`, [fileId]);
    expect(await worker.work()).toBe(0);
    await giving.commitTransaction();
  } finally {
    await giving.release();
  }
  await workOff();
  expect([await comparisons(), await leftOf(fileId)]).toEqual([before, 0]);
});

it('ends one way, whichever of a worker and an operator is first', async () => {
  for (let round = 0; round < 6; round += 1) {
    const [fileId, before] = [await waitingFile(), await comparisons()];
    const [, answer] = await world.atOnce('bank_file', 2, (index): Promise<Payload> => (index === round % 2 ? worker.work() : discard(fileId))).then(
      (both) => (round % 2 === 0 ? both : [...both].reverse()),
    );
    await workOff();
    const { status, staged, reconciliationId } = await stateOf(fileId);
    const isGivenUp = answer.userErrors.length === 0;
    expect({ status, staged, isCompared: reconciliationId !== null, comparisons: await comparisons() }).toEqual({
      status: isGivenUp ? 'DISCARDED' : 'DONE', staged: 0, isCompared: !isGivenUp, comparisons: isGivenUp ? before : before + 1,
    });
    expect(await leftOf(fileId)).toBe(0);
  }
});
