import type { DataSource } from 'typeorm';
import { accountsDataSource } from '../../src/data-source';
import { createPaymentServices, type PaymentServices } from '../../src/payments/payment.parts';
import type { Bank } from './bank';
import { FAILED_RECIPIENTS_PER_HOUR } from './bank';

/** Several instances of the service on the database of a bank, each with sessions and queues of its own: no lock in one process holds the others. */
export interface Instances {
  /** Gives each caller another instance, in turn. */
  of(index: number): PaymentServices;
  close(): Promise<void>;
}

export async function startInstances(bank: Bank, count: number): Promise<Instances> {
  const dataSources: DataSource[] = [];
  for (let n = 0; n < count; n += 1) dataSources.push(await accountsDataSource({ url: bank.url, poolSize: 5 }).initialize());
  const instances = dataSources.map((dataSource) =>
    createPaymentServices({ dataSource, sealer: bank.sealer, now: () => new Date(), settings: { FAILED_RECIPIENTS_PER_HOUR } } as never));
  return {
    of: (index) => instances[index % count]!,
    async close() {
      await Promise.all(dataSources.map((dataSource) => dataSource.destroy()));
    },
  };
}
