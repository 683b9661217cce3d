import { writeTaelCode } from '@tael/emvco';
import { toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Merchant, Viewer } from '../merchants/merchant.domain';
import type { MerchantService } from '../merchants/merchant.service';
import type { PeopleService } from '../people/people.service';
import type { StoreRecord } from '../stores/store.domain';
import type { StoreService } from '../stores/store.service';
import { codeRefusals, type CodeRefusal, type PaymentCodeCommand } from './payment-code.domain';
import { KitDrawer } from './kit.thread';
import type { Drawn } from './kit.work';
import { PaymentCodeEntity } from './payment-code.entity';

export interface PaymentCode extends PaymentCodeCommand {
  readonly id: string;
  readonly storeId: string;
  readonly payload: string;
  readonly expiresAt: Date;
}

export type CodeOutcome =
  | { readonly ok: true; readonly code: PaymentCode }
  | { readonly ok: false; readonly refusals: readonly (CodeRefusal | { readonly code: 'NOT_FOUND'; readonly field: readonly string[] })[] };

export interface PromotionKit extends Drawn {
  readonly payload: string;
}

interface CodeParts {
  readonly dataSource: DataSource;
  readonly merchants: MerchantService;
  readonly people: PeopleService;
  readonly stores: StoreService;
  readonly now: () => Date;
}

/** A shop as its codes name it: the merchant's name, at the store's place. */
function shopOf(merchant: Merchant, store: StoreRecord) {
  return {
    merchantId: merchant.id, storeId: store.id, categoryCode: merchant.categoryCode, currency: currencyCode(merchant.currency),
    country: store.country, name: merchant.name, city: store.city, postalCode: store.postalCode ?? undefined,
  };
}

/** Gives the text of a store's own code: shown again and again, the payer says how much. */
export function shopCode(merchant: Merchant, store: StoreRecord): string {
  return writeTaelCode(shopOf(merchant, store));
}

/** Makes the codes that merchants are paid by. */
export class CodeService {
  private readonly kits = new KitDrawer();

  constructor(private readonly parts: CodeParts) {}

  /** Draws the store's own code to hang up, for those who may show it; undefined for everybody else. */
  async promotionKit(storeId: string, viewer: Viewer): Promise<PromotionKit | undefined> {
    const found = await inTransaction(this.parts.dataSource, async (tx) => {
      const store = await this.parts.stores.find(tx, storeId);
      if (!store || (await this.parts.people.denial(tx, store.merchantId, viewer, 'SHOP_CODES'))) return undefined;
      const merchant = (await this.parts.merchants.findVisible([store.merchantId], viewer, tx)).get(store.merchantId)!;
      return { store, merchant };
    });
    if (!found) return undefined;
    // Drawn after the transaction: pictures take their time, and nobody shall wait for them.
    const { store, merchant } = found;
    const payload = shopCode(merchant, store);
    const address = [...store.addressLines, [store.postalCode, store.city].filter(Boolean).join(' ')].join(', ');
    const poster = { payload, name: merchant.name, storeName: store.name, address, at: this.parts.now() };
    return { payload, ...(await this.kits.draw(poster)) };
  }

  /**
   * Makes a code that is good for one payment, and tells accounts of it in the same transaction.
   * Refusals: NOT_FOUND, NOT_ALLOWED, MERCHANT_NOT_ACTIVE, CURRENCY_MISMATCH, INVALID_INPUT.
   */
  async create(storeId: string, command: PaymentCodeCommand, viewer: Viewer, traceparent: string): Promise<CodeOutcome> {
    const field = ['input', 'storeId'];
    return inTransaction(this.parts.dataSource, async (tx): Promise<CodeOutcome> => {
      const store = await this.parts.stores.find(tx, storeId);
      const denied = store ? await this.parts.people.denial(tx, store.merchantId, viewer, 'PAYMENT_CODES') : 'NOT_FOUND';
      if (!store || denied) return { ok: false, refusals: [{ code: denied ?? 'NOT_FOUND', field }] };
      const merchant = (await this.parts.merchants.findVisible([store.merchantId], viewer, tx)).get(store.merchantId)!;
      const refusals = codeRefusals(command, { currency: merchant.currency, merchantStatus: merchant.status, storeStatus: store.status });
      if (refusals.length > 0) return { ok: false, refusals };
      const { amount: { minor, currency }, reference, expiresInSeconds } = command;
      const now = this.parts.now();
      const expiresAt = new Date(now.getTime() + expiresInSeconds * 1_000);
      const id = uuidv7();
      await tx.insert(PaymentCodeEntity, {
        id, storeId: store.id, amount: minor, currency, reference: reference ?? null, createdBy: viewer.personId, createdAt: now, expiresAt,
      });
      const data = { codeId: id, merchantId: merchant.id, storeId: store.id, currency, amount: minor, expiresAt, occurredAt: now };
      await appendToOutbox(tx, [toMessage('payment-code.created', data, { source: 'merchants', time: now, traceparent })]);
      const payload = writeTaelCode(shopOf(merchant, store), { codeId: id, minor, reference });
      return { ok: true, code: { ...command, id, storeId: store.id, payload, expiresAt } };
    });
  }
}
