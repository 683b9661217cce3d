// The bank proves Tael's statements of an account against its own books: docs/partners/history.md, "Statements".

const STATEMENTS = `query ($number: String!, $currency: CurrencyCode!, $after: String) { partnerAccount(number: $number, currency: $currency) {
  balance { amount }
  statements(first: 12, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    month openingBalance { amount } closingBalance { amount } credits { amount } debits { amount } document(format: CAMT_053) { content } } } } } }`;
const ENTRIES = `query ($number: String!, $currency: CurrencyCode!, $month: String!, $after: String) { partnerAccount(number: $number, currency: $currency) {
  statement(month: $month) { entries(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    bankReference bookedOn amount { amount } balanceAfter { amount } } } } } } }`;

/** Money is compared in whole hundredths: `-80.50` is -8050n. A currency has the same digits in each amount. */
const minor = (text) => BigInt(text.replace('.', ''));

/** Every node of a connection, page by page. */
async function all(page) {
  const nodes = [];
  for (let after = null; ; ) {
    const { pageInfo, edges } = await page(after);
    nodes.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return nodes;
    after = pageInfo.endCursor;
  }
}

/** A booked balance of a camt.053 file, with its sign: OPBD opens, CLBD closes. */
function balanceIn(camt, code) {
  const [, amount, side] = new RegExp(`<Cd>${code}</Cd>.*?<Amt [^>]*>([\\d.]+)</Amt><CdtDbtInd>(CRDT|DBIT)</CdtDbtInd>`).exec(camt) ?? [];
  return amount && (side === 'DBIT' ? -minor(amount) : minor(amount));
}

/** What does not tie out within the statements themselves. */
function withinStatements(months, balance) {
  const differences = [];
  let before = 0n;
  for (const { month, openingBalance, closingBalance, credits, debits, document } of months) {
    const [opening, closing] = [minor(openingBalance.amount), minor(closingBalance.amount)];
    if (opening !== before) differences.push(`${month} does not open where the month before closed`);
    if (opening + minor(credits.amount) - minor(debits.amount) !== closing) differences.push(`${month} does not add up`);
    if (balanceIn(document.content, 'OPBD') !== opening || balanceIn(document.content, 'CLBD') !== closing) differences.push(`${month}: the camt.053 file says other balances`);
    before = closing;
  }
  if (before !== minor(balance)) differences.push('the last month does not close at the balance of today');
  return differences;
}

/**
 * Compares the statements of an account with the bank's own books, booking by booking, and the statements with themselves. Gives every difference as a sentence; none where all is right.
 * @param {import('./tael.js').TaelClient} tael with the scope statements:read
 * @param {{ number: string, currency: string }} account
 * @param {{ reference: string, date: string, amount: string, balance: string }[]} books in their order; an amount below zero went out
 */
export async function reconcile(tael, account, books) {
  let balance;
  const statements = await all(async (after) => {
    const { data } = await tael.query(STATEMENTS, { ...account, after });
    balance = data.partnerAccount.balance.amount;
    return data.partnerAccount.statements;
  });
  const months = statements.reverse();
  const entries = [];
  for (const { month } of months) {
    const page = async (after) => (await tael.query(ENTRIES, { ...account, month, after })).data.partnerAccount.statement.entries;
    entries.push(...(await all(page)));
  }
  const differences = withinStatements(months, balance);
  for (let at = 0; at < Math.max(entries.length, books.length); at += 1) {
    const [theirs, ours] = [entries[at], books[at]];
    if (!theirs) differences.push(`${ours.reference} is not at Tael`);
    else if (!ours) differences.push(`${theirs.bankReference} is not in our books`);
    else if (theirs.bankReference !== ours.reference) differences.push(`where we have ${ours.reference}, Tael has ${theirs.bankReference}`);
    else if (theirs.bookedOn !== ours.date) differences.push(`${ours.reference} is of ${ours.date} here, and of ${theirs.bookedOn} at Tael`);
    else if (minor(theirs.amount.amount) !== minor(ours.amount)) differences.push(`${ours.reference} is ${ours.amount} here, and ${theirs.amount.amount} at Tael`);
    else if (minor(theirs.balanceAfter.amount) !== minor(ours.balance)) differences.push(`after ${ours.reference} we have ${ours.balance}, and Tael has ${theirs.balanceAfter.amount}`);
  }
  return { differences, bookings: entries.length, months: months.length };
}
