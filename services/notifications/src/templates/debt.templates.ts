import { template } from './template.builder';

/** What is told of a debt for a top-up that was taken back, and of what a merchant owes. */
export const DEBT_TEMPLATES = {
  'debt.collected': template(
    { class: 'TRANSACTIONAL', topic: 'debt.collected' },
    [
      '{amount} of your debt settled',
      '{rest, select, some {{amount} of what you owe for a returned top-up was settled from your wallet; {left} is left.} other {{amount} was taken from your wallet: what you owed for a returned top-up is settled.}}',
    ],
    ['已偿还欠款 {amount}', '{rest, select, some {已从钱包扣除 {amount}，用于偿还被退回充值的欠款，尚欠 {left}。} other {已从钱包扣除 {amount}，被退回充值的欠款已结清。}}'],
  ),
  'debt.written-off': template(
    { class: 'TRANSACTIONAL', topic: 'debt.written-off' },
    [
      'You no longer owe {amount}',
      '{rest, select, some {We no longer ask for {amount} of what you owe for a returned top-up; {left} is left.} other {We no longer ask for the {amount} that you still owed for a returned top-up.}}',
    ],
    ['已免除欠款 {amount}', '{rest, select, some {被退回充值的欠款中有 {amount} 无需再偿还，尚欠 {left}。} other {被退回充值的欠款余下 {amount}，无需再偿还。}}'],
  ),
  'merchant-debt.written-off': template(
    { class: 'TRANSACTIONAL', topic: 'merchant-debt.written-off' },
    [
      'You no longer owe {amount}',
      '{rest, select, some {We no longer ask {merchant} for {amount} of its debt; {left} is left.} other {We no longer ask {merchant} for the {amount} that it still owed.}} See its next settlement.',
    ],
    ['已免除欠款 {amount}', '{rest, select, some {{merchant}的欠款中有 {amount} 无需再偿还，尚欠 {left}。} other {{merchant}余下的欠款 {amount} 无需再偿还。}}详见下次结算。'],
  ),
} as const;
