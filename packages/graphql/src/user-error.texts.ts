interface Text {
  readonly en: string;
  readonly zh: string;
}

// By code, and by code and reason where a reason says more. What a text says is safe for anybody who gets the code.
const TEXTS: Readonly<Record<string, Text>> = {
  INVALID_INPUT: { en: 'This value cannot be used.', zh: '此值无效。' },
  'INVALID_INPUT.NOT_A_DECIMAL': { en: 'Write the amount as a plain decimal number, for example 12.50.', zh: '请以普通小数填写金额，例如 12.50。' },
  'INVALID_INPUT.TOO_MANY_FRACTION_DIGITS': { en: 'The amount has more decimal places than the currency.', zh: '金额的小数位数超过该货币的小数位数。' },
  'INVALID_INPUT.TOO_LARGE': { en: 'The amount is too large.', zh: '金额过大。' },
  'INVALID_INPUT.NOT_POSITIVE': { en: 'The amount must be greater than zero.', zh: '金额必须大于零。' },
  'INVALID_INPUT.NEGATIVE': { en: 'The amount must not be negative.', zh: '金额不能为负数。' },
  'INVALID_INPUT.UNKNOWN_CURRENCY': { en: 'This is not an active ISO 4217 currency.', zh: '这不是有效的 ISO 4217 货币。' },
  'INVALID_INPUT.EMPTY': { en: 'This must not be empty.', zh: '此项不能为空。' },
  'INVALID_INPUT.TOO_LONG': { en: 'This is too long.', zh: '内容过长。' },
  'INVALID_INPUT.CHARACTERS': { en: 'This has characters that cannot be used.', zh: '包含无法使用的字符。' },
  'INVALID_INPUT.TOO_SHORT': { en: 'This is too short.', zh: '内容过短。' },
  'INVALID_INPUT.EMAIL': { en: 'This is not a mail address.', zh: '这不是有效的电子邮箱地址。' },
  'INVALID_INPUT.LOCALE': { en: 'This is not a BCP 47 language tag, for example zh-CN.', zh: '这不是有效的 BCP 47 语言标签，例如 zh-CN。' },
  'INVALID_INPUT.TIME_ZONE': { en: 'This is not an IANA time zone, for example Asia/Shanghai.', zh: '这不是有效的 IANA 时区，例如 Asia/Shanghai。' },
  'INVALID_INPUT.REFERRAL_CODE': { en: 'Nobody has this referral code.', zh: '该推荐码不存在。' },
  'INVALID_INPUT.CARD_NUMBER': { en: 'This is not a card number.', zh: '这不是有效的卡号。' },
  'INVALID_INPUT.CARD_EXPIRED': { en: 'The card has expired.', zh: '该卡已过期。' },
  'INVALID_INPUT.SECURITY_CODE': { en: 'The security code has three or four digits.', zh: '安全码应为三位或四位数字。' },
  'INVALID_INPUT.CATEGORY_CODE': { en: 'This is not an ISO 18245 category code.', zh: '这不是有效的 ISO 18245 商户类别代码。' },
  'INVALID_INPUT.TIME_OF_DAY': { en: 'Write the time as hours and minutes, for example 22:00.', zh: '请以小时和分钟填写时间，例如 22:00。' },
  'INVALID_INPUT.ID': { en: 'This is not an id.', zh: '这不是有效的标识。' },
  'INVALID_INPUT.OUT_OF_RANGE': { en: 'This number is out of range.', zh: '数值超出范围。' },
  'INVALID_INPUT.EXACTLY_ONE_EFFECT': { en: 'Give exactly one of cashback, feeWaiver and referralReward.', zh: 'cashback、feeWaiver 和 referralReward 必须且只能填写一项。' },
  'INVALID_INPUT.ENDS_BEFORE_START': { en: 'The end must be after the start.', zh: '结束时间必须晚于开始时间。' },
  'INVALID_INPUT.ENDS_IN_THE_PAST': { en: 'The end must be in the future.', zh: '结束时间必须晚于当前时间。' },
  'INVALID_INPUT.SECURITY_NEEDS_A_CHANNEL': { en: 'Security messages need at least one channel.', zh: '安全消息至少需要一个渠道。' },
  'INVALID_INPUT.QUIET_HOURS_EMPTY': { en: 'Quiet hours must end at another time than they begin.', zh: '免打扰的开始与结束时间不能相同。' },
  'INVALID_INPUT.PUSH_ENDPOINT': { en: 'This is not the address of a public push service.', zh: '这不是公共推送服务的地址。' },
  'INVALID_INPUT.PUSH_KEY': { en: 'This is not a key of a push subscription in base64url.', zh: '这不是 base64url 格式的推送订阅密钥。' },
  'INVALID_INPUT.OWN_WALLET': { en: 'You cannot send money to yourself.', zh: '不能给自己转账。' },
  'INVALID_INPUT.WEBHOOK_URL': { en: 'This must be the https address of a public host, on port 443 or 8443.', zh: '必须是公共主机的 https 地址，端口为 443 或 8443。' },
  'INVALID_INPUT.EVENT_TYPE': { en: 'There is no such event to choose.', zh: '没有可选的此类事件。' },
  NOT_FOUND: { en: 'This does not exist.', zh: '未找到。' },
  NOT_ALLOWED: { en: 'This is not allowed.', zh: '不允许此操作。' },
  'NOT_ALLOWED.CAMPAIGN_ENDED': { en: 'The end of the campaign has passed.', zh: '该活动已结束。' },
  'NOT_ALLOWED.CAMPAIGN_NOT_ACTIVE': { en: 'The campaign has not been activated yet.', zh: '该活动尚未启用。' },
  EMAIL_TAKEN: { en: 'There is already an account with this mail address.', zh: '该电子邮箱已被注册。' },
  WRONG_CREDENTIALS: { en: 'Mail address or password is wrong.', zh: '电子邮箱或密码错误。' },
  SESSION_EXPIRED: { en: 'Your session has ended. Sign in again.', zh: '会话已结束，请重新登录。' },
  INSUFFICIENT_FUNDS: { en: 'There is not enough money in the wallet.', zh: '钱包余额不足。' },
  CURRENCY_MISMATCH: { en: 'The currency is not that of the wallet.', zh: '货币与钱包不符。' },
  'CURRENCY_MISMATCH.CAMPAIGN': { en: 'The currency is not that of the campaign.', zh: '货币与活动不符。' },
  LIMIT_EXCEEDED: { en: 'This is above a limit.', zh: '超出限额。' },
  'LIMIT_EXCEEDED.PER_TRANSACTION': { en: 'The amount is above the limit for one transaction.', zh: '金额超出单笔限额。' },
  'LIMIT_EXCEEDED.PER_DAY': { en: 'This is above your limit for today.', zh: '超出今日限额。' },
  'LIMIT_EXCEEDED.TRY_LATER': { en: 'Too many attempts. Try again later.', zh: '尝试次数过多，请稍后再试。' },
  IDEMPOTENCY_KEY_REUSED: { en: 'This idempotency key was used with another input.', zh: '该幂等键已用于其他内容的请求。' },
  CARD_DECLINED: { en: 'The card was declined.', zh: '银行卡被拒绝。' },
  'LIMIT_EXCEEDED.WEBHOOK_ENDPOINTS': { en: 'There are as many webhook endpoints as there may be.', zh: 'Webhook 端点数量已达上限。' },
  'NOT_ALLOWED.WEBHOOK_DISABLED': { en: 'The webhook endpoint is disabled. Enable it first.', zh: '该 Webhook 端点已停用，请先启用。' },
  'NOT_ALLOWED.WEBHOOK_WAITS': { en: 'This message waits to be delivered already.', zh: '该消息已在等待投递。' },
  MERCHANT_NOT_ACTIVE: { en: 'The merchant cannot be paid at present.', zh: '该商户目前无法收款。' },
  REFUND_EXCEEDS_PAYMENT: { en: 'The refunds would exceed the payment.', zh: '退款总额将超过付款金额。' },
  ALREADY_EXISTS: { en: 'This exists already.', zh: '已存在。' },
  'ALREADY_EXISTS.SECOND_FACTOR': { en: 'You have a second factor already. Disable it first.', zh: '您已启用双重验证，请先停用。' },
  'NOT_ALLOWED.NO_SECOND_FACTOR': { en: 'You have no second factor. Set one up first.', zh: '您尚未启用双重验证，请先设置。' },
  'NOT_FOUND.TOTP_NOT_BEGUN': { en: 'No authenticator app is being set up. Begin anew.', zh: '没有正在进行的验证器设置，请重新开始。' },
  'WRONG_CREDENTIALS.PASSWORD': { en: 'The password is wrong.', zh: '密码错误。' },
  WRONG_CODE: { en: 'The code is wrong, was used already or has expired.', zh: '验证码错误、已被使用或已过期。' },
  STEP_UP_REQUIRED: {
    en: 'Your second factor must approve this first: requestStepUp for exactly this, approveStepUp with a code, then send it again with stepUpId.',
    zh: '此操作须先通过双重验证：请就此操作调用 requestStepUp，以验证码调用 approveStepUp，再附上 stepUpId 重新提交。',
  },
};

/** Gives the text of a refusal: the reason's where there is one, in Chinese for zh locales, else in English. */
export function userErrorText(refusal: { code: string; reason?: string | undefined }, locale: string): string {
  const text = TEXTS[`${refusal.code}.${refusal.reason}`] ?? TEXTS[refusal.code] ?? TEXTS['INVALID_INPUT']!;
  return /^zh\b/i.test(locale) ? text.zh : text.en;
}
