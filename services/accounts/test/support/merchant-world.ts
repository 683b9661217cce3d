import { randomUUID } from 'node:crypto';
import { type CurrencyCode, currencyCode } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import { BANK_IBANS } from '@tael/sandbox';
import { v7 as uuidv7 } from 'uuid';
import { accountsHandlers } from '../../src/events/accounts.consumer';
import { merchantAccountId, type MerchantPurpose } from '../../src/ledger/account.ids';
import { foldOnce } from '../../src/ledger/ledger.folder';
import { readBalances } from '../../src/ledger/ledger.service';
import type { MerchantStanding } from '../../src/payouts/payout.domain';
import { PayoutHoldService } from '../../src/payouts/payout-hold.service';
import { PayoutService } from '../../src/payouts/payout.service';
import { MerchantTermsService } from '../../src/settlements/merchant-terms.service';
import { type ClosedBatch, SettlementService } from '../../src/settlements/settlement.service';
import type { Caller } from '../../src/transactions/transaction.domain';
import type { NewPerson, PeopleWorld } from '../people-world';
import { bankOf, type Behaviour } from './bank-world';

export const DAY_MS = 24 * 60 * 60 * 1_000;
export const USD: CurrencyCode = currencyCode('USD');

/** A merchant of a test's own, with somebody of each role. */
export interface Shop {
  readonly merchantId: string;
  readonly owner: NewPerson;
  readonly manager: NewPerson;
  readonly cashier: NewPerson;
}

export const callerOf = (person: NewPerson, operator = false): Caller => ({
  personId: person.id, sessionId: person.as.principal.sessionId, operator, traceparent: '',
});

/** What of a payout account a test chooses. */
export interface AccountSetting {
  readonly person?: NewPerson;
  readonly stepUpId?: string | undefined;
  readonly key?: string;
  readonly holder?: string;
}

/** The cut-off that is half a day away: no test meets the end of a day by the hour at which it runs. */
const farFrom = (now: Date): number => (now.getUTCHours() * 60 + now.getUTCMinutes() + 12 * 60) % (24 * 60);

/** What tests of settlement do, with real payments and the real sandbox bank. */
export function merchantsOf(world: PeopleWorld) {
  const bank = bankOf(world);
  const { services } = world.app;
  // Settlement has a clock of its own here: of everything else, what is old for its time would be given up.
  let ahead = 0;
  const versions = new Map<string, number>();
  const now = () => new Date(world.now().getTime() + ahead);
  const settling = { dataSource: world.dataSource, now, cutOff: farFrom(new Date()) };
  const settlements = new SettlementService(settling);
  const self = {
    bank,
    settling: settlements,
    paying: new PayoutService(settling),
    holds: new PayoutHoldService(settling),
    terms: new MerchantTermsService({ ...settling, settlements }),
    today: (): void => {
      ahead = 0;
    },
    later: (milliseconds: number): void => {
      ahead += milliseconds;
    },
    async shop(basisPoints = 150, by?: NewPerson, standing: Partial<MerchantStanding> = {}): Promise<Shop> {
      const [owner, manager, cashier] = [by ?? await world.signUp(), await world.signUp(), await world.signUp()];
      const shop = { merchantId: uuidv7(), owner, manager, cashier };
      await self.tell(shop, standing, { basisPoints });
      return shop;
    },
    /** Tells accounts of a shop anew, as merchants does: in a transaction of its own, or in one that a test holds open. */
    async tell(
      { merchantId, owner, manager, cashier }: Shop, { verified = true, status = 'ACTIVE' }: Partial<MerchantStanding> = {},
      { basisPoints = 0, version, tx, at = new Date(), owners = [owner] }: { basisPoints?: number; version?: number; tx?: Tx; at?: Date; owners?: readonly NewPerson[] } = {},
    ): Promise<void> {
      const people = [...owners, manager, cashier];
      const next = version ?? (versions.get(merchantId) ?? 0) + 1;
      versions.set(merchantId, Math.max(next, versions.get(merchantId) ?? 0));
      const data = {
        merchantId, version: next, name: services.sealer.seal('Shop', merchantId), categoryCode: '5812', currency: USD, status, verified,
        people: people.map(({ id }) => id),
        roles: people.map(({ id: personId }, index) => ({ personId, role: (['MANAGER', 'CASHIER'] as const)[index - owners.length] ?? 'OWNER' })),
        feePlan: { id: 'standard', basisPoints }, occurredAt: at,
      };
      const event = { id: uuidv7(), type: 'merchant.changed', source: 'test', time: new Date(), traceparent: undefined, data };
      const take = (within: Tx) => accountsHandlers['merchant.changed']!(within, event as never);
      await (tx ? take(tx) : inTransaction(world.dataSource, take));
    },
    async payer(amount = '1000.00'): Promise<NewPerson> {
      const person = await world.signUp();
      await bank.fund(person, amount);
      return person;
    },
    async pay(payer: NewPerson, { merchantId }: Shop, minor: bigint): Promise<string> {
      const answer = await services.payments.pay(callerOf(payer), {
        walletId: payer.walletId, merchantId, amount: { minor, currency: USD }, description: undefined, idempotencyKey: randomUUID(),
      });
      if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
      return answer.transactionId;
    },
    async refund({ manager }: Shop, transactionId: string, minor?: bigint): Promise<void> {
      const answer = await services.refunds.refund(callerOf(manager), {
        transactionId, amount: minor === undefined ? undefined : { minor, currency: USD }, reason: undefined, idempotencyKey: randomUUID(),
      });
      if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    },
    async fold(): Promise<void> {
      while ((await foldOnce(world.dataSource)) > 0);
    },
    /** Lets a day pass, so that the batch of what was paid is due, and closes what is due. */
    async nextDay(): Promise<void> {
      await self.fold();
      self.later(DAY_MS);
      await self.close();
      await self.fold();
    },
    async close(): Promise<void> {
      while ((await settlements.closeDue()) > 0);
    },
    async closeNow({ merchantId }: Shop): Promise<ClosedBatch | undefined> {
      const closed = await inTransaction(world.dataSource, (tx) => settlements.closeNow(tx, merchantId, USD));
      if (closed === 'DAY_OPEN') throw new Error('a day of it is over and not closed');
      return closed;
    },
    /** A shop that gave back what it had been paid out, and owes it since its last batch. */
    async owing(payer: NewPerson, minor: bigint): Promise<Shop> {
      self.today();
      const shop = await self.shop(0);
      const set = await self.setAccount(shop);
      if (!set.ok) throw new Error(JSON.stringify(set.refusals));
      const payment = await self.pay(payer, shop, minor);
      await self.fold();
      await self.closeNow(shop);
      await self.openPayouts();
      await self.refund(shop, payment);
      await self.nextDay();
      return shop;
    },
    async settlements({ merchantId }: Shop): Promise<Record<string, unknown>[]> {
      return world.rows('SELECT * FROM settlement WHERE "merchantId" = $1 ORDER BY number', [merchantId]);
    },
    async balance({ merchantId }: Shop, purpose: MerchantPurpose): Promise<bigint> {
      const id = merchantAccountId(purpose, merchantId, USD);
      return (await readBalances(world.dataSource.manager, [id])).get(id)?.posted ?? 0n;
    },
    async payouts({ merchantId }: Shop): Promise<{ id: string; status: string; amount: bigint; failureReason: string | null }[]> {
      return (await world.rows(
        'SELECT id, status, amount, "failureReason" FROM bank_order WHERE "merchantId" = $1 ORDER BY "createdAt", id', [merchantId],
      )) as never;
    },
    /** Names the account that a shop's payouts go to, of a bank that behaves so. */
    setAccount(shop: Shop, behaviour: Behaviour = 'settle', { person = shop.owner, stepUpId, key, holder = 'Shop Ltd' }: AccountSetting = {}) {
      return services.payoutAccounts.set(callerOf(person), {
        merchantId: shop.merchantId, iban: BANK_IBANS[behaviour], holderName: holder, stepUpId, idempotencyKey: key,
      });
    },
    /** Makes an amount payable to a shop: somebody pays it, and the batch is closed. */
    async earn(shop: Shop, minor: bigint): Promise<void> {
      await self.pay(await self.payer(), shop, minor);
      await self.fold();
      expect(await self.closeNow(shop)).toBeDefined();
    },
    /** Opens every payout that is due. */
    async openPayouts(): Promise<void> {
      while ((await self.paying.openDue()) > 0);
    },
    breaches: () => bank.breaches(),
    /** What every test leaves: what the bank has said is heard, what was posted is folded, and the books hold. */
    async expectBooksToHold(): Promise<void> {
      await bank.readStatement();
      await self.fold();
      expect(await self.breaches()).toEqual([]);
    },
  };
  return self;
}
