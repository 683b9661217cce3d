import { randomUUID } from 'node:crypto';
import { metricsText } from '@tael/platform/metrics';
import { measureBankFiles } from '../src/bank-files/bank-file.metrics';
import { BankFileWorkService } from '../src/bank-files/bank-file-work.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { operatorsOf } from './support/operators';
import { day, decimal, type Payload } from './support/reconciliation-world';

const FILE = 'id status faults lineCount comparedLines endedAt reconciliation { id } auditTrail(first: 20) { edges { node { actorId action before after reason } } }';
const HEADER = 'booking_id,reference,kind,amount,booked_on\n';
/** Lines of a side in a part, and bookings of a file. */
const [PART, BOOKINGS] = [3, 8];

// Files whose comparison fails each time, for a reason that only they have: a trigger in the real database.
let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let ada: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_file_faults');
  bank = bankOf(world);
  ada = await operatorsOf(world).operator();
  await world.asOwner(`CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it does not fit' USING ERRCODE = TG_ARGV[0]; END $$`);
});
afterEach(async () => {
  for (const table of ['reconciliation', 'reconciliation_line']) await world.asOwner(`DROP TRIGGER IF EXISTS break_down ON ${table}`);
  expect(await bank.breaches()).toEqual([]);
});
afterAll(() => world.end());

/** Makes the database refuse the rows of a table for which something holds; `raise_exception` where nothing else is said. */
async function refuseRows(table: string, when: string, code = 'P0001'): Promise<void> {
  await world.asOwner(`DROP TRIGGER IF EXISTS break_down ON ${table}`);
  await world.asOwner(`CREATE TRIGGER break_down BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION break_down('${code}')`);
}
const noMore = (table = 'reconciliation_line'): Promise<unknown> => world.asOwner(`DROP TRIGGER break_down ON ${table}`);

let elapsed = 0;
/** Works as the loop does, with a clock that is a quarter of an hour further at each look, until there is nothing to do. Gives what failed. */
async function workOff(rounds = 60): Promise<Error[]> {
  const faults: Error[] = [];
  for (let round = 0; round < rounds; round += 1) {
    elapsed += 900_000;
    const worker = new BankFileWorkService({ dataSource: world.dataSource, now: () => new Date(world.now().getTime() + elapsed) }, PART);
    const done = await worker.work().catch((error: Error) => {
      faults.push(error);
      return 1;
    });
    if (done === 0) break;
  }
  return faults;
}

async function call(name: string, type: string, input: object, by = ada): Promise<Payload> {
  const { data, errors } = await world.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { bankFile { id status } userErrors { code field message } } }`, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name];
}
const step = (name: string, fileId: string): Promise<Payload> => call(name, 'BankFileInput', { fileId });
const retry = (fileId: string, change: object = {}, by = ada): Promise<Payload> =>
  call('retryBankFile', 'RetryBankFileInput', { fileId, reason: 'The cause is mended', ...change }, by);
const refusal = ({ bankFile, userErrors: [one] }: Payload): unknown[] => [bankFile, one.code, one.field.at(-1), one.message];
const UNDER_WAY = [null, 'NOT_ALLOWED', 'fileId', expect.stringContaining('being compared')];
const PAST = [null, 'NOT_ALLOWED', 'fileId', expect.stringContaining('past this')];
const HALF_MADE = (field = 'fileId') => [null, 'NOT_ALLOWED', field, expect.stringContaining('whose comparison failed')];

interface Row { readonly id: string; readonly reference: string }
/** Bookings of one dollar, none of them ours, in the order in which they are compared. */
const strangers = (): Row[] => Array.from({ length: BOOKINGS }, (_, index) => ({ id: randomUUID(), reference: `fee-${index}` }));
const textOf = (rows: readonly Row[]): string => HEADER + rows.map(({ id, reference }) => `${id},${reference},BOOKED,1.00,${day()}\n`).join('');
const period = (rows: readonly Row[]) => ({
  currency: 'USD', from: day(), to: day(), openingBalance: '0.00', closingBalance: decimal(100n * BigInt(rows.length)), reason: 'The daily file',
});

async function uploaded(rows: readonly Row[] = strangers()): Promise<string> {
  const { bankFile } = await call('openBankFile', 'OpenBankFileInput', { ...period(rows), reference: randomUUID() });
  await call('addBankFileChunk', 'AddBankFileChunkInput', { fileId: bankFile.id, number: 0, text: textOf(rows) });
  return bankFile.id;
}
/** Gives a file that waits for its comparison. */
async function waiting(rows?: readonly Row[]): Promise<string> {
  const fileId = await uploaded(rows);
  expect((await step('compareBankFile', fileId)).bankFile).toMatchObject({ status: 'COMPARING' });
  return fileId;
}
/** Gives a file that has failed with a part compared. */
async function halfMade(rows: readonly Row[] = strangers()): Promise<string> {
  await refuseRows('reconciliation_line', `NEW."bookingId" = '${rows[4]!.id}'`);
  const fileId = await waiting(rows);
  await workOff();
  expect(await stateOf(fileId)).toMatchObject({ status: 'FAILED', comparedLines: PART });
  return fileId;
}
const stateOf = async (fileId: string) => (await world.rows(
  'SELECT status, faults, "lookAt", "comparedLines", staged, "endedAt", "reconciliationId" AS run FROM bank_file WHERE id = $1', [fileId],
))[0]!;
async function read(id: string): Promise<Payload> {
  const { data, errors } = await world.ask(`query ($id: ID!) { bankFile(id: $id) { ${FILE} } }`, { id }, ada.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return { ...data.bankFile, trail: data.bankFile.auditTrail.edges.map(({ node }: Payload) => node) };
}
const listed = async (status?: string, by = ada): Promise<Payload> => {
  const { data, errors } = await world.ask('query ($status: BankFileStatus) { bankFiles(status: $status, first: 100) { edges { node { id } } } }', { status }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.bankFiles.edges.map(({ node }: Payload) => node.id);
};
const linesOf = (run: unknown) => world.rows('SELECT seq, "bookingId" FROM reconciliation_line WHERE "reconciliationId" = $1 AND "bookingId" IS NOT NULL ORDER BY seq', [run]);
const breaksOf = (run: unknown) => world.rows('SELECT "bookingId", status FROM reconciliation_break WHERE "reconciliationId" = $1 AND "bookingId" IS NOT NULL', [run]);
const leftOf = async (fileId: string): Promise<number> => Number((await world.rows('SELECT count(*) AS rows FROM bank_file_line WHERE "fileId" = $1', [fileId]))[0]!['rows']);

it('is given up after six faults in a row, keeps what it has shown, and lets the next file of its currency go', async () => {
  const rows = strangers();
  await refuseRows('reconciliation_line', `NEW."bookingId" = '${rows[4]!.id}'`);
  const fileId = await waiting(rows);
  const faults = await workOff();
  const failed = await stateOf(fileId);
  expect(failed).toMatchObject({ status: 'FAILED', faults: 6, lookAt: null, comparedLines: PART, staged: BOOKINGS - PART, endedAt: null, run: expect.any(String) });
  // Who reads the log finds the file by its id, and the cause.
  expect(faults.map(({ message, cause }) => [message, (cause as Error).message])).toEqual(Array(6).fill([`bank file ${fileId} could not be compared`, 'it does not fit']));
  // Nothing is half written: what has a line has its break.
  expect((await breaksOf(failed['run'])).map(({ bookingId }) => bookingId).sort()).toEqual(rows.slice(0, PART).map(({ id }) => id).sort());
  const next = await waiting();
  await workOff();
  expect(await stateOf(next)).toMatchObject({ status: 'DONE', staged: 0 });
  expect(await leftOf(fileId)).toBe(BOOKINGS - PART);
  expect(await stateOf(fileId)).toEqual(failed);
});

it('is counted where an alarm looks, until it goes on or its cause is gone', async () => {
  measureBankFiles(world.dataSource);
  const told = async (): Promise<number> => Number(/^tael_bank_files_failed (\d+)$/m.exec(await metricsText())?.[1]);
  const before = await told();
  const fileId = await halfMade();
  expect(await told()).toBe(before + 1);
  await noMore();
  await retry(fileId);
  expect(await told()).toBe(before);
  await workOff();
  expect([(await stateOf(fileId))['status'], await told()]).toEqual(['DONE', before]);
});

it('is shown to operators as it is, and goes on from where it was once one of them orders it again', async () => {
  const rows = strangers();
  const fileId = await halfMade(rows);
  const { run } = await stateOf(fileId);
  expect(await read(fileId)).toMatchObject({ status: 'FAILED', faults: 6, comparedLines: PART, lineCount: BOOKINGS, endedAt: null, reconciliation: null });
  expect(await listed('FAILED')).toContain(fileId);
  expect(await listed('DONE')).not.toContain(fileId);
  expect(await listed()).toContain(fileId);
  // A comparison that is not whole is no comparison.
  const { data } = await world.ask('query ($id: ID!) { reconciliation(id: $id) { id } reconciliations(first: 100) { edges { node { id } } } }', { id: run }, ada.as);
  expect([data.reconciliation, data.reconciliations.edges.filter(({ node }: Payload) => node.id === run)]).toEqual([null, []]);

  const customer = await world.signUp();
  await expect(retry(fileId, {}, customer)).rejects.toThrow('FORBIDDEN');
  await expect(listed('FAILED', customer)).rejects.toThrow('FORBIDDEN');
  expect(refusal(await retry(fileId, { reason: '' }))).toMatchObject([null, 'INVALID_INPUT', 'reason', expect.any(String)]);
  for (const unknown of [randomUUID(), 'none']) expect(refusal(await retry(unknown))).toMatchObject([null, 'NOT_FOUND', 'fileId', expect.any(String)]);
  for (const name of ['compareBankFile', 'discardBankFile']) expect(refusal(await step(name, fileId))).toEqual(PAST);
  const idle = await uploaded();
  expect(refusal(await retry(idle))).toEqual(PAST);

  // It waits for its turn as any other.
  const other = await waiting();
  expect(refusal(await retry(fileId))).toEqual(UNDER_WAY);
  await workOff();
  expect(await stateOf(other)).toMatchObject({ status: 'DONE' });
  expect((await retry(fileId)).bankFile).toEqual({ id: fileId, status: 'COMPARING' });
  await noMore();
  expect((await retry(fileId)).bankFile).toEqual({ id: fileId, status: 'COMPARING' });
  expect(await workOff()).toEqual([]);
  expect(await stateOf(fileId)).toMatchObject({ status: 'DONE', faults: 0, staged: 0, run, endedAt: expect.any(Date) });
  expect((await retry(fileId)).bankFile).toEqual({ id: fileId, status: 'DONE' });
  const lines = await linesOf(run);
  expect(lines.map(({ bookingId }) => bookingId)).toEqual(rows.map(({ id }) => id));
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
  expect((await breaksOf(run)).map(({ bookingId }) => bookingId).sort()).toEqual(rows.map(({ id }) => id).sort());
  const done = await read(fileId);
  expect(done.reconciliation).toEqual({ id: run });
  expect(done.trail).toEqual([
    { actorId: ada.id, action: 'FILE_RETRIED', before: '{"status":"FAILED"}', after: '{"status":"COMPARING"}', reason: 'The cause is mended' },
    { actorId: null, action: 'FILE_FAILED', before: '{"status":"COMPARING"}', after: '{"faults":6,"status":"FAILED"}', reason: expect.stringContaining('the log says why') },
    { actorId: ada.id, action: 'FILE_SUBMITTED', before: '{"status":"UPLOADING"}', after: '{"status":"COMPARING"}', reason: 'Submitted for comparison' },
    { actorId: ada.id, action: 'FILE_CHUNK_ADDED', before: '{"lineCount":0}', after: expect.stringContaining(`"lineCount":${BOOKINGS}`), reason: 'Handed in' },
    { actorId: ada.id, action: 'FILE_OPENED', before: null, after: expect.stringContaining('"status":"UPLOADING"'), reason: 'The daily file' },
  ]);
  expect(await world.rows(`SELECT "actorId" FROM audit_entry WHERE action = 'RECONCILED' AND "subjectId" = $1`, [run])).toEqual([{ actorId: ada.id }]);
});

it('keeps what operators have done meanwhile about a break that it has opened', async () => {
  const rows = strangers();
  const fileId = await halfMade(rows);
  const { data: { breaks } } = await world.ask('{ breaks(first: 100) { edges { node { id bookingId } } } }', {}, ada.as);
  const { id } = breaks.edges.find(({ node }: Payload) => node.bookingId === rows[0]!.id).node;
  await world.ask('mutation ($input: AssignBreakInput!) { assignBreak(input: $input) { userErrors { code } } }', { input: { breakId: id, reason: 'Mine' } }, ada.as);
  await noMore();
  await retry(fileId);
  await workOff();
  const kept = await breaksOf((await stateOf(fileId))['run']);
  expect(kept).toHaveLength(BOOKINGS);
  expect(kept.filter(({ status }) => status === 'INVESTIGATING')).toEqual([{ bookingId: rows[0]!.id, status: 'INVESTIGATING' }]);
});

it('is no answer to the same bookings, however they come again', async () => {
  const rows = strangers();
  const fileId = await halfMade(rows);
  const reconcile = async (): Promise<Payload> => {
    const { data } = await world.ask(
      'mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { reconciliation { id } userErrors { code field message } } }',
      { input: { ...period(rows), csv: textOf(rows) } }, ada.as,
    );
    return { bankFile: data.reconcileBankFile.reconciliation, userErrors: data.reconcileBankFile.userErrors };
  };
  expect(refusal(await reconcile())).toEqual(HALF_MADE('csv'));
  const again = await uploaded(rows);
  expect(refusal(await step('compareBankFile', again))).toEqual(HALF_MADE());
  // An instance of before lets it begin all the same: it does not end as compared, and may be given up.
  await world.asOwner(`UPDATE bank_file SET status = 'COMPARING' WHERE id = $1`, [again]);
  await noMore();
  expect((await workOff()).map(({ cause }) => (cause as Error).message)).toEqual(Array(6).fill('the same bookings are in a file whose comparison failed'));
  expect(await stateOf(again)).toMatchObject({ status: 'FAILED', run: null, comparedLines: 0, staged: BOOKINGS });
  expect(refusal(await retry(again))).toEqual(HALF_MADE());
  // Once the first is whole it is the answer.
  await retry(fileId);
  await workOff();
  const { run } = await stateOf(fileId);
  expect((await reconcile()).bankFile).toEqual({ id: run });
  expect((await retry(again)).bankFile).toEqual({ id: again, status: 'COMPARING' });
  await workOff();
  expect(await stateOf(again)).toMatchObject({ status: 'DONE', run, staged: 0 });
});

it('is given up, or ordered again, where its comparison could not even begin', async () => {
  await refuseRows('reconciliation', 'true');
  const files = [await waiting()];
  expect(await workOff()).toHaveLength(6);
  files.push(await waiting());
  expect(await workOff()).toHaveLength(6);
  for (const fileId of files) expect(await stateOf(fileId)).toMatchObject({ status: 'FAILED', run: null, comparedLines: 0, staged: BOOKINGS });
  await noMore('reconciliation');
  // Of two that are ordered again at once one goes: the other waits for its turn.
  const answers = await Promise.all(files.map((fileId) => retry(fileId)));
  expect(answers.map(({ bankFile }) => bankFile?.status ?? null).sort()).toEqual(['COMPARING', null]);
  expect(answers.flatMap((answer) => (answer.bankFile ? [] : [refusal(answer)]))).toEqual([UNDER_WAY]);
  await workOff();
  const [gone, left] = answers[0]!.bankFile ? files : [...files].reverse();
  expect(await stateOf(gone!)).toMatchObject({ status: 'DONE', staged: 0 });
  expect((await step('discardBankFile', left!)).bankFile).toMatchObject({ status: 'DISCARDED' });
  await workOff();
  expect([await stateOf(left!), await leftOf(left!)]).toMatchObject([{ status: 'DISCARDED', staged: 0, run: null }, 0]);
});

it('rests after a fault, and begins to count anew where it has gone on', async () => {
  const rows = strangers();
  await refuseRows('reconciliation_line', `NEW."bookingId" = '${rows[4]!.id}'`);
  const fileId = await waiting(rows);
  const at = world.now().getTime();
  const workAt = (seconds: number): Promise<number> => new BankFileWorkService({ dataSource: world.dataSource, now: () => new Date(at + seconds * 1_000) }, PART).work();
  expect([await workAt(0), await workAt(0)]).toEqual([1, 1]);
  await expect(workAt(0)).rejects.toThrow(fileId);
  expect(await stateOf(fileId)).toMatchObject({ status: 'COMPARING', faults: 1, lookAt: new Date(at + 1_000) });
  expect(await workAt(0.9)).toBe(0);
  await expect(workAt(1)).rejects.toThrow(fileId);
  expect(await stateOf(fileId)).toMatchObject({ faults: 2, lookAt: new Date(at + 3_000) });
  await noMore();
  expect(await workAt(3)).toBe(1);
  expect(await stateOf(fileId)).toMatchObject({ status: 'COMPARING', faults: 0, lookAt: null });
  await workOff();
  expect(await stateOf(fileId)).toMatchObject({ status: 'DONE' });
});

it('has more tries where the database is slow, before it is given up', async () => {
  const rows = strangers();
  await refuseRows('reconciliation_line', `NEW."bookingId" = '${rows[4]!.id}'`, '57014');
  const fileId = await waiting(rows);
  expect(await workOff(31)).toHaveLength(29);
  expect(await stateOf(fileId)).toMatchObject({ status: 'COMPARING', faults: 29 });
  expect(await workOff()).toHaveLength(1);
  expect(await stateOf(fileId)).toMatchObject({ status: 'FAILED', faults: 30 });
  await noMore();
  await retry(fileId);
  await workOff();
  expect(await stateOf(fileId)).toMatchObject({ status: 'DONE', faults: 0 });
});
