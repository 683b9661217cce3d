/** What the consent page says, in the languages that it speaks. */
export interface PageTexts {
  readonly lang: string;
  title(bank: string): string;
  lead(bank: string): string;
  readonly what: string;
  readonly scopes: Readonly<Record<string, { readonly term: string; readonly detail: string }>>;
  /** Between a term and what it means. */
  readonly colon: string;
  readonly never: string;
  readonly wallets: string;
  readonly chooseWallets: string;
  wallet(currency: string): string;
  readonly howLong: string;
  until(days: number, date: string): string;
  readonly howToWithdraw: string;
  readonly withdraw: string;
  readonly signInHeading: string;
  readonly signInLead: string;
  readonly email: string;
  readonly password: string;
  readonly signIn: string;
  readonly codeHeading: string;
  readonly code: string;
  readonly codeHint: string;
  readonly go: string;
  readonly startOver: string;
  signedInAs(name: string): string;
  readonly allow: string;
  readonly refuse: string;
  back(host: string): string;
  readonly noWallet: string;
  readonly hasNoWallet: string;
  readonly busy: string;
  problemTitle(title: string): string;
  readonly leavingTitle: string;
  leaving(host: string): string;
  readonly leave: string;
  readonly overTitle: string;
  readonly over: string;
  readonly faultTitle: string;
  readonly fault: string;
  readonly awayTitle: string;
  readonly away: string;
  readonly again: string;
}

const EN: PageTexts = {
  lang: 'en',
  title: (bank) => `${bank} asks to see your data`,
  lead: (bank) => `${bank} asks Tael to show it some of your data. Nothing is shown unless you allow it.`,
  what: 'What it would see',
  scopes: {
    'wallets:read': { term: 'Your wallets', detail: 'their currency and balance' },
    'transactions:read': { term: 'Your transactions', detail: 'kind, amount, time and the balance after each, from the first one on' },
  },
  colon: ': ',
  never: 'It cannot move money. It does not see your password, your mail address, your cards, or the names of people and shops.',
  wallets: 'Which wallets',
  chooseWallets: 'Choose the wallets that it may see.',
  wallet: (currency) => `${currency} wallet`,
  howLong: 'For how long',
  until: (days, date) => `${days === 1 ? 'One day' : `${days} days`}, until ${date}.`,
  howToWithdraw: 'If you change your mind',
  withdraw: 'Withdraw it at any time in Tael, under the consents of your profile. It sees nothing from then on.',
  signInHeading: 'Sign in to Tael',
  signInLead: 'Sign in to choose. Your password goes to Tael alone.',
  email: 'Mail address',
  password: 'Password',
  signIn: 'Sign in',
  codeHeading: 'Second step',
  code: 'Code',
  codeHint: 'From your authenticator app, or a recovery code.',
  go: 'Continue',
  startOver: 'Start over with mail address and password',
  signedInAs: (name) => `Signed in as ${name}`,
  allow: 'Allow',
  refuse: 'Refuse',
  back: (host) => `Either way you go back to ${host}.`,
  noWallet: 'Choose at least one wallet, or refuse.',
  hasNoWallet: 'You have no wallet that could be shown. You can only refuse.',
  busy: 'The service is busy. Try again in a moment.',
  problemTitle: (title) => `Please check: ${title}`,
  leavingTitle: 'Your answer is noted',
  leaving: (host) => `You go back to ${host} now.`,
  leave: 'Go back now',
  overTitle: 'This request is over',
  over: 'It was answered already, or too much time has passed. Nothing was shown to anybody. Go back to your bank and begin again.',
  faultTitle: 'This request is not right',
  fault: 'Your bank sent something that Tael cannot answer. Nothing was shown to anybody. Go back to your bank and begin again.',
  awayTitle: 'Tael cannot answer right now',
  away: 'Try again in a moment. If it stays like this, go back to your bank and begin again.',
  again: 'Try again',
};

const ZH: PageTexts = {
  lang: 'zh-CN',
  title: (bank) => `${bank} 请求查看您的数据`,
  lead: (bank) => `${bank} 请求 Tael 向其展示您的部分数据。未经您允许，不会展示任何内容。`,
  what: '可查看的内容',
  scopes: {
    'wallets:read': { term: '您的钱包', detail: '币种和余额' },
    'transactions:read': { term: '您的交易', detail: '自第一笔起每笔的类型、金额、时间及交易后余额' },
  },
  colon: '：',
  never: '对方无法动用您的资金，也看不到您的密码、电子邮箱、银行卡，以及他人和商户的名称。',
  wallets: '哪些钱包',
  chooseWallets: '请选择允许对方查看的钱包。',
  wallet: (currency) => `${currency}钱包`,
  howLong: '有效期',
  until: (days, date) => `${days} 天，至 ${date}。`,
  howToWithdraw: '如果您改变主意',
  withdraw: '您可随时在 Tael 个人资料的授权列表中撤回。撤回后对方立即无法查看。',
  signInHeading: '登录 Tael',
  signInLead: '请先登录再作选择。您的密码只会发送给 Tael。',
  email: '电子邮箱',
  password: '密码',
  signIn: '登录',
  codeHeading: '第二步验证',
  code: '验证码',
  codeHint: '来自身份验证器应用，或使用恢复代码。',
  go: '继续',
  startOver: '用电子邮箱和密码重新登录',
  signedInAs: (name) => `已登录：${name}`,
  allow: '允许',
  refuse: '拒绝',
  back: (host) => `无论如何选择，您都将返回 ${host}。`,
  noWallet: '请至少选择一个钱包，或选择拒绝。',
  hasNoWallet: '您没有可供展示的钱包，只能选择拒绝。',
  busy: '服务繁忙，请稍后重试。',
  problemTitle: (title) => `请检查：${title}`,
  leavingTitle: '已记录您的选择',
  leaving: (host) => `现在返回 ${host}。`,
  leave: '立即返回',
  overTitle: '此请求已失效',
  over: '该请求已处理或已超时，未向任何人展示任何内容。请返回您的银行重新开始。',
  faultTitle: '此请求有误',
  fault: '您的银行发送的内容 Tael 无法处理，未向任何人展示任何内容。请返回您的银行重新开始。',
  awayTitle: 'Tael 暂时无法响应',
  away: '请稍后重试。如果问题持续，请返回您的银行重新开始。',
  again: '重试',
};

/** Gives the texts for a language: Chinese where it is asked for, else English. */
export function pageTexts(language: string | undefined): PageTexts {
  return /^zh\b/i.test(language?.trim() ?? '') ? ZH : EN;
}
