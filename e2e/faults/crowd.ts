import type { GraphClient, Reply } from './engine/client';
import type { Operation } from './engine/journal';
import { lasting } from './engine/processes';
import type { Trial } from './engine';
import { SEED } from './settings';

export const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`;

export interface Told {
  readonly kind: Reply['kind'];
  /** The code of a refusal; `data` of an answer. */
  readonly code: string;
  readonly tookMs: number;
}

export interface Payment {
  readonly operation: Operation;
  readonly token: string;
}

/** A payment that the load does not make, by one of its people; the journal knows it. */
export function paymentOf(trial: Trial, name: string, n: number): Payment {
  const person = trial.world.people[n % trial.world.people.length]!;
  const key = `${name}-${SEED}-${n}`;
  const input = {
    walletId: person.walletId, merchantId: trial.world.shops[0]!.id, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: key,
  };
  const operation: Operation = { kind: 'PAYMENT', key, scope: person.id, minor: 100n, query: PAY, input, attempts: 0 };
  trial.load.journal.operations.push(operation);
  return { operation, token: person.token };
}

/** Asks once, and says what came of it and when. */
export async function told(trial: Trial, asked: Parameters<GraphClient['ask']>[0]): Promise<Told & { readonly data: any }> {
  const begun = performance.now();
  const reply = await trial.client.ask(asked);
  const data = reply.kind === 'data' ? reply.data : undefined;
  return { kind: reply.kind, code: reply.kind === 'data' ? 'data' : reply.code, tookMs: Math.round(performance.now() - begun), data };
}

/** Sends a payment once; the journal is told where it was answered. */
export async function payOnce(trial: Trial, { operation, token }: Payment): Promise<Told> {
  const { data, ...answer } = await told(trial, { query: PAY, variables: { input: operation.input }, token });
  const { transaction, userErrors } = data?.payMerchant ?? {};
  if (transaction) trial.load.journal.answered(operation, { transactionId: transaction.id });
  else if (data) throw new Error(`${operation.key} was refused: ${JSON.stringify(userErrors)}`);
  return answer;
}

/** How many were told what. */
export const countOf = (replies: readonly Told[]): Record<string, number> => (
  Object.fromEntries([...new Set(replies.map(({ code }) => code))].map((code) => [code, replies.filter((one) => one.code === code).length]))
);
/** The times of answers, the quickest first. */
export const timesOf = (replies: readonly Told[]): number[] => replies.map(({ tookMs }) => tookMs).sort((one, other) => one - other);

/** Does something again and again until it is told to end; gives what came of each. */
export function untilEnd<T>(work: () => Promise<T>, everyMs: number): { end(): Promise<T[]> } {
  const all: T[] = [];
  let isOver = false;
  const working = (async () => {
    for (; !isOver; await lasting(everyMs)) all.push(await work());
  })();
  return {
    async end() {
      isOver = true;
      await working;
      return all;
    },
  };
}
