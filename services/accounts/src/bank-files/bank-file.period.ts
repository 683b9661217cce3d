import type { BankPeriod } from '../reconciliations/bank-file.domain';
import { digestOf } from '../reconciliations/reconciliation.keeping';
import type { BankFileEntity } from './bank-file.entity';

type OfPeriod = Pick<BankFileEntity, 'currency' | 'periodFrom' | 'periodTo' | 'opening' | 'closing'>;

export const periodOf = ({ currency, periodFrom: from, periodTo: to, opening, closing }: OfPeriod): BankPeriod => ({ currency, from, to, opening, closing });

/** The name of the comparison of a file: the same bookings with the same balances have the same. */
export const comparisonOf = (file: OfPeriod & Pick<BankFileEntity, 'digest'>): string => digestOf(periodOf(file), file.digest);
