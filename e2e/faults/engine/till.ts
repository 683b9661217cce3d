import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphClient } from './client';
import type { Journal } from './journal';
import { signInAgain, type World } from './people';

const CODE = `mutation ($input: CreatePaymentCodeInput!) { createPaymentCode(input: $input) { paymentCode { id } userErrors { code } } }`;
/** A customer comes so often. */
const EVERY_MS = 1_000;
const BACKOFF_MS = 300;

/**
 * The till of a shop: has codes made, one for each customer, without end. It is what merchants itself does and tells of. A code that was asked for and not
 * answered is asked for anew: what is made twice is good for nobody.
 */
export async function workTill(
  client: GraphClient, { owner, storeId }: World['shops'][number] & { storeId: string }, journal: Journal, isOpen: () => boolean,
): Promise<void> {
  while (isOpen()) {
    const reply = await client.ask({ query: CODE, variables: { input: { storeId, amount: { amount: '1.00', currency: 'USD' } } }, token: owner.token });
    if (reply.kind === 'data') {
      const { paymentCode, userErrors } = reply.data.createPaymentCode;
      if (paymentCode) journal.codes.push(paymentCode.id);
      else journal.faults.push(`a till was refused a code: ${JSON.stringify(userErrors)}`);
      await sleep(EVERY_MS);
    } else if (reply.kind === 'again') {
      // It is nobody's money: what is counted of refusals is what payers hear.
      await sleep(Math.max(BACKOFF_MS, Math.min(reply.waitMs, 5_000)));
    } else if (reply.code === 'UNAUTHENTICATED') {
      await signInAgain(client, owner);
    } else {
      journal.faults.push(`a till: ${reply.text}`);
      await sleep(EVERY_MS);
    }
  }
}
