import { template } from './template.builder';

/** What is said of disputes and of what is handed in to them. */
export const DISPUTE_TEMPLATES = {
  'dispute.opened': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.opened' },
    ['A payment is disputed', '{amount} to {merchant} is disputed. Answer within seven days, or it goes back.'],
    ['付款被提出争议', '一笔付给{merchant}的 {amount} 被提出争议。请在七天内回复，否则将退款。'],
  ),
  'dispute.contested': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.answered' },
    ['Your dispute is contested', '{merchant} does not agree that {amount} goes back. We look at both sides.'],
    ['商户不同意您的争议', '{merchant}不同意退还 {amount}，我们将核实双方说明。'],
  ),
  'dispute.decided': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.decided' },
    ['Your dispute is decided', '{amount} at {merchant}: {outcome, select, PERSON {it was decided for you.} other {nothing goes back.}}'],
    ['您的争议已有结果', '{merchant}的 {amount}：{outcome, select, PERSON {裁决支持您。} other {不予退款。}}'],
  ),
  'dispute.closed': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.decided' },
    [
      'A dispute is closed',
      '{amount} to {merchant}: {outcome, select, PERSON {it was decided for the payer.} WITHDRAWN {the payer withdrew.} other {it was decided for you.}}',
    ],
    ['争议已结束', '付给{merchant}的 {amount}：{outcome, select, PERSON {裁决支持付款人。} WITHDRAWN {付款人已撤回。} other {裁决支持您。}}'],
  ),
  'dispute.payer-document': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.document-added' },
    ['Documents in a dispute', 'Who disputes {amount} to {merchant} handed in documents. The dispute shows them.'],
    ['争议有新文件', '对付给{merchant}的 {amount} 提出争议的付款人提交了文件，请在争议中查看。'],
  ),
  'dispute.merchant-document': template(
    { class: 'TRANSACTIONAL', topic: 'dispute.document-added' },
    ['Documents in your dispute', '{merchant} handed in documents about {amount}. Your dispute shows them.'],
    ['您的争议有新文件', '{merchant}就 {amount} 的争议提交了文件，请在争议中查看。'],
  ),
};
