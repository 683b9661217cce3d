import { DEBT_TEMPLATES } from './debt.templates';
import { DISPUTE_TEMPLATES } from './dispute.templates';
import { MERCHANT_PEOPLE_TEMPLATES } from './merchant-people.templates';
import { PASSWORD_TEMPLATES } from './password.templates';
import { ALARM, template, type Template, type TemplateLocale } from './template.builder';

export { type Template, type TemplateLocale, type TemplateText, TEMPLATE_LOCALES } from './template.builder';

const FEE_EN =
  '{feeKind, select, charged { Fee: {fee}.} waived { The fee of {waived} was waived.} partly { Fee: {fee}; {waived} was waived.} other {}}';
const FEE_ZH =
  '{feeKind, select, charged {手续费 {fee}。} waived {已免除手续费 {waived}。} partly {手续费 {fee}，已免除 {waived}。} other {}}';
const OWED_EN = '{owes, select, yes { {owed} will be taken from later rewards.} other {}}';
const OWED_ZH = '{owes, select, yes {另有 {owed} 将从以后的奖励中扣除。} other {}}';

export const TEMPLATES = {
  'payment.settled': template(
    { class: 'TRANSACTIONAL', topic: 'payment.settled' },
    ['You paid {amount}', `You paid {amount} to {merchant}.${FEE_EN}`],
    ['已支付 {amount}', `您已向{merchant}支付 {amount}。${FEE_ZH}`],
  ),
  'payment.refunded': template(
    { class: 'TRANSACTIONAL', topic: 'payment.refunded' },
    ['Refund of {amount}', '{merchant} gave you {amount} back. It is in your wallet.'],
    ['退款 {amount}', '{merchant}已向您退款 {amount}，款项已到账。'],
  ),
  ...DISPUTE_TEMPLATES,
  ...DEBT_TEMPLATES,
  ...MERCHANT_PEOPLE_TEMPLATES,
  'merchant-application.decided': template(
    { class: 'TRANSACTIONAL', topic: 'merchant-application.decided' },
    [
      'News of your application',
      '{outcome, select, APPROVED {It is approved: your business can be paid.} REJECTED {It is rejected. The application says why.} other {More is needed: see what the application asks for.}}',
    ],
    ['您的商户申请有新进展', '{outcome, select, APPROVED {申请已通过，您的商户可以收款了。} REJECTED {申请未通过，原因请见申请详情。} other {需要补充材料，请查看申请详情。}}'],
  ),
  'transfer.sent': template(
    { class: 'TRANSACTIONAL', topic: 'transfer.sent' },
    ['You sent {amount}', 'You sent {amount} to {counterparty}.'],
    ['已转出 {amount}', '您已向{counterparty}转账 {amount}。'],
  ),
  'transfer.received': template(
    { class: 'TRANSACTIONAL', topic: 'transfer.received' },
    ['You received {amount}', '{counterparty} sent you {amount}. It is in your wallet.'],
    ['收到转账 {amount}', '{counterparty}向您转账 {amount}，款项已到账。'],
  ),
  'topup.settled': template(
    { class: 'TRANSACTIONAL', topic: 'topup.settled' },
    ['Top-up of {amount}', '{amount} from your card ending in {last4} is in your wallet.'],
    ['充值 {amount}', '已从尾号 {last4} 的银行卡充值 {amount}。'],
  ),
  'topup.failed': template(
    { class: 'TRANSACTIONAL', topic: 'topup.failed' },
    [
      'Top-up failed',
      '{cause, select, CARD_DECLINED {Your card ending in {last4} was declined} other {Your card ending in {last4} could not be charged}}: {amount} was not added. Nothing was charged.',
    ],
    [
      '充值失败',
      '{cause, select, CARD_DECLINED {尾号 {last4} 的银行卡被拒绝} other {无法从尾号 {last4} 的银行卡扣款}}，{amount} 未充值，也未扣款。',
    ],
  ),
  'topup.from-bank': template(
    { class: 'TRANSACTIONAL', topic: 'topup.settled' },
    ['Top-up of {amount}', '{amount} from your bank account ending in {last4} is in your wallet.'],
    ['充值 {amount}', '已从尾号 {last4} 的银行账户充值 {amount}。'],
  ),
  'bank-topup.failed': template(
    { class: 'TRANSACTIONAL', topic: 'topup.failed' },
    ['Top-up failed', 'Your bank account ending in {last4} could not be charged: {amount} was not added.'],
    ['充值失败', '无法从尾号 {last4} 的银行账户扣款，{amount} 未充值。'],
  ),
  'bank-topup.returned': template(
    { class: 'TRANSACTIONAL', topic: 'topup.returned' },
    [
      'Top-up taken back',
      'Your bank took back the top-up of {amount}.{owes, select, yes { You still owe {owed} of it.} other { It has left your wallet.}}',
    ],
    ['充值已被退回', '银行已收回 {amount} 的充值款。{owes, select, yes {您仍欠 {owed}。} other {款项已从钱包扣除。}}'],
  ),
  'card-topup.returned': template(
    { class: 'TRANSACTIONAL', topic: 'topup.returned' },
    [
      'Top-up taken back',
      'The top-up of {amount} went back to your card ending in {last4}.{owes, select, yes { You still owe {owed} of it.} other { It has left your wallet.}}',
    ],
    ['充值已被退回', '{amount} 的充值款已退回尾号 {last4} 的银行卡。{owes, select, yes {您仍欠 {owed}。} other {款项已从钱包扣除。}}'],
  ),
  'withdrawal.settled': template(
    { class: 'TRANSACTIONAL', topic: 'withdrawal.settled' },
    ['You withdrew {amount}', '{amount} went to your bank account ending in {last4}. Fee: {fee}.'],
    ['已提现 {amount}', '{amount} 已转入尾号 {last4} 的银行账户，手续费 {fee}。'],
  ),
  'withdrawal.failed': template(
    { class: 'TRANSACTIONAL', topic: 'withdrawal.failed' },
    ['Withdrawal failed', '{amount} did not reach your bank account ending in {last4}. It is back in your wallet, with its fee of {fee}.'],
    ['提现失败', '{amount} 未能转入尾号 {last4} 的银行账户，款项及手续费 {fee} 已退回钱包。'],
  ),
  'wallet.adjusted': template(
    { class: 'TRANSACTIONAL', topic: 'wallet.adjusted' },
    [
      'Your balance was corrected',
      '{direction, select, CREDIT {{amount} was put into your wallet} other {{amount} was taken out of your wallet}} by a correction. Ask us if you do not expect it.',
    ],
    ['余额已更正', '因更正，{direction, select, CREDIT {{amount} 已存入您的钱包} other {{amount} 已从您的钱包扣除}}。如有疑问，请联系我们。'],
  ),
  'payout-account.changed': template(
    { class: 'SECURITY', topic: 'payout-account.changed', channels: ALARM },
    ['Payouts go to another account',
      '{merchant} is now paid to an account ending in {last4}. If no owner did that, set the right account at once and tell us.'],
    ['收款账户已变更', '{merchant} 的款项现将转入尾号 {last4} 的账户。如非店主本人操作，请立即改回正确账户并联系我们。'],
  ),
  'merchant.suspended': template(
    { class: 'SECURITY', topic: 'merchant.status-changed', channels: ALARM },
    ['{merchant} is suspended',
      '{merchant} can neither be paid nor paid out to for now; refunds still work. Write to our support to learn what to do.'],
    ['{merchant} 已被暂停', '{merchant} 已被暂停：暂时无法收款，也不会向其付款。已收的款项仍可退款。请联系客服了解如何处理。'],
  ),
  'merchant.resumed': template(
    { class: 'SECURITY', topic: 'merchant.status-changed', channels: ALARM },
    ['{merchant} can be paid again', '{merchant} can be paid again, and what was held is paid out. Tell us if anything about it is not as you expect.'],
    ['{merchant} 已恢复', '{merchant} 已恢复收款，暂停期间的款项将继续付出。如有异常，请联系我们。'],
  ),
  'payouts.resumed': template(
    { class: 'SECURITY', topic: 'payouts.resumed', channels: ALARM },
    ['Payouts go on',
      'Payouts of {merchant} go on to the account ending in {last4}. If no owner did that, set the right account at once and tell us.'],
    ['付款已恢复', '{merchant} 的付款将继续转入此前未能收款的尾号 {last4} 的账户。如非店主本人操作，请立即改回正确账户并联系我们。'],
  ),
  'bank-account.added': template(
    { class: 'SECURITY', topic: 'bank-account.added', channels: ALARM },
    ['A bank account was added', 'An account ending in {last4} was added as a payment method. If it was not you, change your password now.'],
    ['已添加银行账户', '您的账户已添加尾号 {last4} 的银行账户。如非本人操作，请立即修改密码。'],
  ),
  'reward.cashback': template(
    { class: 'SERVICE', topic: 'reward.paid' },
    ['Cashback: {amount}', 'Cashback of {amount} for your payment is in your wallet.'],
    ['返现 {amount}', '您的付款获得返现 {amount}，已存入钱包。'],
  ),
  'reward.referral': template(
    { class: 'SERVICE', topic: 'reward.paid' },
    ['Invitation reward: {amount}', 'Your reward of {amount} for an invitation is in your wallet. Thank you.'],
    ['邀请奖励 {amount}', '邀请奖励 {amount} 已存入您的钱包，谢谢。'],
  ),
  'reward.fee-rebate': template(
    { class: 'SERVICE', topic: 'reward.paid' },
    ['Fee returned: {amount}', 'The fee of {amount} for your payment was waived and is back in your wallet.'],
    ['手续费退回 {amount}', '您付款的手续费 {amount} 已免除并退回钱包。'],
  ),
  'reward.reversed': template(
    { class: 'SERVICE', topic: 'reward.reversed' },
    ['Reward taken back', `A payment was refunded: {amount} of its reward was taken back.${OWED_EN}`],
    ['奖励已收回', `付款已退款，相应奖励中的 {amount} 已收回。${OWED_ZH}`],
  ),
  'reward.owed': template(
    { class: 'SERVICE', topic: 'reward.reversed' },
    [
      'Reward to be taken back',
      'A payment was refunded. Nothing of its reward could be taken back now: {owed} will be taken from later rewards.',
    ],
    ['奖励待收回', '付款已退款，相应奖励目前无法收回，{owed} 将从以后的奖励中扣除。'],
  ),
  'wallet.opened': template(
    { class: 'SERVICE', topic: 'wallet.opened', channels: ['IN_APP'] },
    [
      'Your {currency} wallet is open',
      'Welcome to your {currency} wallet. Top it up to pay, send money and earn rewards.',
    ],
    ['您的 {currency} 钱包已开通', '欢迎使用 {currency} 钱包。充值后即可付款、转账并获得奖励。'],
  ),
  'wallet.frozen': template(
    { class: 'SECURITY', topic: 'wallet.frozen', channels: ALARM },
    ['Your {currency} wallet is frozen',
      'Money still comes in to your {currency} wallet, but none can leave it for now. Write to our support to learn what to do.'],
    ['您的 {currency} 钱包已被冻结', '您的 {currency} 钱包仍可收款，但暂时无法付款、转账或提现。请联系客服了解如何处理。'],
  ),
  'wallet.unfrozen': template(
    { class: 'SECURITY', topic: 'wallet.unfrozen', channels: ALARM },
    ['Your {currency} wallet is free again',
      'You can pay, send and withdraw from your {currency} wallet again. Tell us if anything in it is not as you expect.'],
    ['您的 {currency} 钱包已解冻', '您的 {currency} 钱包已恢复付款、转账和提现。如有异常，请联系我们。'],
  ),
  'card.added': template(
    { class: 'SECURITY', topic: 'card.added', channels: ALARM },
    [
      'A card was added',
      '{brand} ending in {last4} was added to your account. If it was not you, change your password now.',
    ],
    ['已添加银行卡', '您的账户已添加尾号 {last4} 的 {brand}。如非本人操作，请立即修改密码。'],
  ),
  'session.reuse-detected': template(
    { class: 'SECURITY', topic: 'session.reuse-detected', channels: ALARM },
    [
      'You were signed out for safety',
      'An old sign-in was used a second time, so we ended it. If it was not you, change your password now.',
    ],
    ['为安全起见已退出登录', '检测到旧的登录凭证被重复使用，我们已将其终止。如非本人操作，请立即修改密码。'],
  ),
  'device.added': template(
    { class: 'SECURITY', topic: 'device.added', channels: ALARM },
    [
      'New sign-in to your account',
      'You signed in with a new device: {browser} on {platform}. If it was not you, end that session and change your password.',
    ],
    ['新设备登录', '您的账户在新设备上登录：{platform} 上的 {browser}。如非本人操作，请结束该会话并修改密码。'],
  ),
  'consent.given': template(
    { class: 'SECURITY', topic: 'consent.given', channels: ALARM },
    [
      'A bank may see your data',
      'You let a bank see some of your wallets. If it was not you, withdraw it among your consents and change your password now.',
    ],
    ['已授权银行查看数据', '您已授权一家银行查看您的部分钱包，可在授权列表中查看和撤回。如非本人操作，请立即撤回并修改密码。'],
  ),
  'consent.withdrawn': template(
    { class: 'SECURITY', topic: 'consent.withdrawn', channels: ALARM },
    [
      'A consent was ended for safety',
      "A bank's code to see your data was used twice, so we ended your consent. The bank sees nothing any more.",
    ],
    ['为安全起见已终止授权', '银行用于查看您数据的凭证被重复使用，我们已终止该授权，对方无法再查看。如有需要，请在该银行重新授权。'],
  ),
  'consent.ended': template(
    { class: 'SECURITY', topic: 'consent.ended', channels: ALARM },
    [
      'A consent was ended',
      '{request, select, yes {As you asked, we ended your consent to a bank. If it was not you who asked, contact us at once} left {We ended your consent to a bank that no longer works with Tael} other {For your safety we ended your consent to a bank. You may give it anew at the bank}}. The bank sees nothing by it any more.',
    ],
    [
      '授权已终止',
      '{request, select, yes {应您的要求，我们已终止您对一家银行的授权。如非本人提出，请立即联系我们} left {由于该银行不再与 Tael 合作，我们已终止您对其的授权} other {为安全起见，我们已终止您对一家银行的授权。如有需要，请在该银行重新授权}}。对方无法再通过该授权查看您的数据。',
    ],
  ),
  ...PASSWORD_TEMPLATES,
  'second-factor.changed': template(
    { class: 'SECURITY', topic: 'second-factor.changed', channels: ALARM },
    [
      'Your second factor',
      '{change, select, ENABLED {An authenticator app was added} DISABLED {Your authenticator app was removed} RECOVERY_CODES_RENEWED {Your recovery codes were renewed} other {A recovery code was used}}. If it was not you, change your password now.',
    ],
    [
      '双重验证有变更',
      '{change, select, ENABLED {您已启用身份验证器} DISABLED {您的身份验证器已停用} RECOVERY_CODES_RENEWED {您的恢复代码已更新} other {一个恢复代码已被使用}}。如非本人操作，请立即修改密码。',
    ],
  ),
  'sessions.ended': template(
    { class: 'SECURITY', topic: 'sessions.ended', channels: ALARM },
    [
      'Signed out elsewhere',
      '{count, select, ONE {One of your sessions was ended} other {Your other sessions were ended}} from another device. If it was not you, change your password now.',
    ],
    [
      '其他设备已退出登录',
      '{count, select, ONE {您的一个会话} other {您的其他会话}}已从另一台设备结束。如非本人操作，请立即修改密码。',
    ],
  ),
  'offer.cashback': template(
    { class: 'MARKETING', topic: 'offer.personal' },
    [
      '{rate} cashback for you',
      'You often pay at {merchant}: get {rate} cashback {scope, select, MERCHANT {there} other {there and at similar shops}} now.',
    ],
    [
      '专享 {rate} 返现',
      '您常在{merchant}消费，现在{scope, select, MERCHANT {在此} other {在此及同类商户}}付款可享 {rate} 返现。',
    ],
  ),
  'offer.fee-waiver': template(
    { class: 'MARKETING', topic: 'offer.personal' },
    [
      'Pay without a fee',
      'You often pay at {merchant}: pay {scope, select, MERCHANT {there} other {there and at similar shops}} without a fee now.',
    ],
    [
      '免手续费付款',
      '您常在{merchant}消费，现在{scope, select, MERCHANT {在此} other {在此及同类商户}}付款可免手续费。',
    ],
  ),
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof TEMPLATES;

/** Words for a name that never arrived. */
export const UNNAMED: Readonly<Record<TemplateLocale, { merchant: string; counterparty: string }>> = {
  en: { merchant: 'a merchant', counterparty: 'someone' },
  'zh-CN': { merchant: '商户', counterparty: '对方' },
};

export const MAIL_TEXTS: Readonly<Record<TemplateLocale, { greeting: string; footer: string; unsubscribe: string }>> = {
  en: { greeting: 'Hello {name},', footer: 'This message is from Tael.', unsubscribe: 'No more offers: {url}' },
  'zh-CN': { greeting: '{name}，您好：', footer: '此消息由 Tael 发送。', unsubscribe: '退订优惠信息：{url}' },
};
