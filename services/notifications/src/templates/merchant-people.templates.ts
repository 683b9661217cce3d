import { ALARM, template } from './template.builder';

/** What is said of who acts for a merchant: to its owners, to whom it is about, and to who was an owner until lately. */
export const MERCHANT_PEOPLE_TEMPLATES = {
  'merchant-people.changed': template(
    { class: 'SECURITY', topic: 'merchant-people.changed', channels: ALARM },
    [
      'Who acts for your business changed',
      '{role, select, OWNER {{counterparty} is now an owner of {merchant}} MANAGER {{counterparty} is now a manager of {merchant}} CASHIER {{counterparty} is now a cashier of {merchant}} other {{counterparty} no longer acts for {merchant}}}. If no owner wanted that, tell us at once.',
    ],
    [
      '商户人员有变更',
      '{role, select, OWNER {{counterparty}现为{merchant}的所有者} MANAGER {{counterparty}现为{merchant}的经理} CASHIER {{counterparty}现为{merchant}的收银员} other {{counterparty}不再代表{merchant}}}。如非所有者本意，请立即联系我们。',
    ],
  ),
  'merchant-people.own-role': template(
    { class: 'SECURITY', topic: 'merchant-people.changed', channels: ALARM },
    [
      'Your part in a business changed',
      '{role, select, OWNER {You are now an owner of {merchant}} MANAGER {You are now a manager of {merchant}} CASHIER {You are now a cashier of {merchant}} other {You no longer act for {merchant}}}. If you did not expect that, tell us at once.',
    ],
    [
      '您在商户的身份有变更',
      '{role, select, OWNER {您现为{merchant}的所有者} MANAGER {您现为{merchant}的经理} CASHIER {您现为{merchant}的收银员} other {您不再代表{merchant}}}。如与您的预期不符，请立即联系我们。',
    ],
  ),
  'payout-account.changed-since': template(
    { class: 'SECURITY', topic: 'payout-account.changed', channels: ALARM },
    ['Payouts go to another account', '{merchant}, of which you were an owner until lately, is now paid to another account. If it was taken from you, tell us at once.'],
    ['收款账户已变更', '您近期曾是{merchant}的所有者，其收款账户现已变更。如您是被他人移除的，请立即联系我们。'],
  ),
};
