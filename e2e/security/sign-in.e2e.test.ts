import { randomUUID } from 'node:crypto';
import { anonymous, newPerson } from '../world';

const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id } session { accessToken } challenge { token } userErrors { code message field } } }`;
/** Below the failed attempts after which an address has to wait. */
const TRIES = 7;

async function attempt(email: string): Promise<{ took: number; answer: unknown }> {
  const begun = performance.now();
  const { data, errors } = await anonymous.request<any>(SIGN_IN, { input: { email, password: 'not the password' } });
  return { took: performance.now() - begun, answer: { data, errors } };
}

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!;

it('A17: a sign-in tells neither by its answer nor by its time whether an address is known', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => newPerson()));
  const known: number[] = [];
  const unknown: number[] = [];
  // In turns, so that whatever else the machine does meets both alike.
  for (const { email } of people) {
    const nobody = `nobody-${randomUUID()}@e2e.tael.example`;
    for (let n = 0; n < TRIES; n += 1) {
      const [theirs, none] = [await attempt(email), await attempt(nobody)];
      expect(theirs.answer).toEqual(none.answer);
      known.push(theirs.took);
      unknown.push(none.took);
    }
  }
  // Without the hash for nobody, an unknown address answered in a tenth of the time.
  const [a, b] = [median(known), median(unknown)];
  expect(Math.max(a, b) / Math.min(a, b)).toBeLessThan(1.5);
});
