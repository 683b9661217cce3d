import { eventually } from '@tael/testkit';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { home } from './stack';
import { balanceOf, must, newFundedPerson, newPerson, type Person, persona, signIn } from './world';

// Somebody becomes an operator and stops being one, by the command on the machine; the other operators see both.

const SCRIPT = path.join(__dirname, '..', 'scripts', 'operators.mjs');
const OPERATORS = `{ operators(first: 50) { edges { node { id grantedAt grantedBy reason secondFactor
  auditTrail(first: 5) { edges { node { action actorId reason before after } } } } } } }`;
const REQUEST = `mutation ($input: RequestManualAdjustmentInput!) { requestManualAdjustment(input: $input) { approval { id digest status } userErrors { code } } }`;
const APPROVE = 'mutation ($input: ApproveRequestInput!) { approveRequest(input: $input) { approval { status } userErrors { code } } }';

/** Runs the command; gives its exit status and what it said. */
async function command(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [SCRIPT, ...words], { env: { ...process.env, TAEL_HOME: home }, timeout: 60_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}
const shown = async (viewer: Person, id: string): Promise<any> =>
  (await must<any>(viewer.client, OPERATORS)).operators.edges.map(({ node }: any) => node).find((node: any) => node.id === id);

it('a role that is given works from the next token on, stands in the trail, and is over within seconds once it is taken', async () => {
  const [bob, customer, person] = [await persona('supervisor'), await newFundedPerson('5.00'), await newPerson()];
  expect((await person.client.request<any>(OPERATORS)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');

  expect(await command('grant', person.email)).toMatchObject({ code: 64 });
  expect(await command('grant', person.email, '--reason', ' ')).toMatchObject({ code: 1, stdout: '' });
  expect(await command('grant', person.email, '--reason', 'On call', '--by', 'ticket 4711')).toMatchObject({ code: 0 });
  expect(await command('grant', person.email, '--reason', 'Again')).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
  const operator = await signIn(person);
  expect(await shown(operator, person.id)).toMatchObject({
    grantedAt: expect.any(String), grantedBy: expect.stringMatching(/^ticket 4711 \(.+@.+\)$/), reason: 'On call', secondFactor: false,
    auditTrail: { edges: [{ node: { action: 'GRANTED', actorId: null, reason: 'On call', before: '{"roles":["CUSTOMER"]}' } }] },
  });
  const list = await command('list');
  expect(list.stdout.split('\n').filter((line) => line.includes(person.id) && line.includes('ticket 4711'))).toHaveLength(1);
  const { requestManualAdjustment: { approval } } = await must<any>(operator.client, REQUEST, { input: {
    walletId: customer.walletId, direction: 'DEBIT', amount: { amount: '5.00', currency: 'USD' }, reason: 'So they say', idempotencyKey: randomUUID(),
  } });

  expect(await command('revoke', person.email, '--reason', 'Has left')).toMatchObject({ code: 0, stdout: expect.stringContaining('requests taken back: 1') });
  await eventually(async () => {
    expect((await operator.client.request<any>('{ viewer { id } }')).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });
  const answer = await bob.client.request<any>(APPROVE, { input: { approvalId: approval.id, digest: approval.digest, reason: 'Looks right' } });
  expect(answer.data.approveRequest).toMatchObject({ approval: null, userErrors: [{ code: 'NOT_ALLOWED' }] });
  expect(await balanceOf(customer)).toBe('5.00');
  expect(await shown(bob, person.id)).toBeUndefined();
  const again = await signIn(person);
  expect((await again.client.request<any>(OPERATORS)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
});
