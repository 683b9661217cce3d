import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { TEMPLATE_LOCALES, TEMPLATES, type TemplateName } from '../src/templates/template.catalogue';
import { HOSTILE_NAMES } from './hostile-names';
import { knownPerson, merchant, messagesOf, openWorld, prefer, received, registerBrowser, sealer, type TestPerson, USD, workAll, type World } from './world';

// A22: hostile names in every message by every channel, as the mail server and the push service get them.
let world: World;
beforeAll(async () => {
  world = await openWorld('hostile-names');
});
afterAll(() => world.close());

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

const AMOUNTS = Object.fromEntries(['amount', 'fee', 'waived', 'owed', 'left'].map((name) => [name, '1250']));
/** A word of a closed list that each choice knows; what is not chosen from is hostile. */
const CHOICES = {
  feeKind: 'charged', owes: 'yes', cause: 'CARD_DECLINED', scope: 'MERCHANT', change: 'ENABLED', count: 'ONE', outcome: 'PERSON', direction: 'CREDIT', request: 'yes', rest: 'some', role: 'OWNER',
};

interface Case {
  readonly template: TemplateName;
  readonly locale: string;
  readonly name: string;
}
/** Every template in every language, the names in turn; each name in each of them is the unit tests' to show. */
const CASES: readonly Case[] = (Object.keys(TEMPLATES) as TemplateName[]).flatMap((template, turn) =>
  TEMPLATE_LOCALES.map((locale, second) => ({ template, locale, name: HOSTILE_NAMES[(2 * turn + second) % HOSTILE_NAMES.length]! })));

/** Lets somebody of that name hear of a shop and of another person of that name, with a browser and all channels open. */
async function told({ template, locale, name }: Case): Promise<{ person: TestPerson; endpoint: string; marketing: boolean }> {
  const [person, counterparty] = [await knownPerson(world, { displayName: name, locale }), await knownPerson(world, { displayName: name })];
  const shop = merchant(name);
  await world.handle('merchant.changed', shop);
  const { endpoint } = await registerBrowser(world, person.id);
  await prefer(world, person.id, { marketingOptIn: true });
  const { class: messageClass } = TEMPLATES[template];
  // What an event may hold: the database keeps its facts.
  const word = name.replace(/[\0\p{Cs}]/gu, '');
  await inTransaction(world.dataSource, (tx) => world.app.services.messages.raise(tx, {
    dedupeKey: uuidv7(), personId: person.id, class: messageClass, template, merchantId: shop.merchantId, counterpartyId: counterparty.id, validUntil: null,
    facts: { currency: USD, amounts: AMOUNTS, rateBasisPoints: 250, words: { brand: word, browser: word, platform: word, last4: word, days: word, ...CHOICES }, sealed: { code: sealer.seal(word, person.id) } },
  }));
  return { person, endpoint, marketing: messageClass === 'MARKETING' };
}

const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066\u2067]+$/u;
const HEADERS = ['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to', 'x-tael-topic'];
const OFFER_HEADERS = ['list-unsubscribe', 'list-unsubscribe-post'];

/** What is wrong with a mail: nothing, where it is one plain text of ours to one person. */
function expectOnePlainMail(mails: Payload[], { person, message, marketing }: { person: TestPerson; message: Payload; marketing: boolean }): void {
  expect(mails).toHaveLength(1);
  const [{ subject, body, html, headers, recipient }] = mails;
  expect(Object.keys(headers).sort()).toEqual([...HEADERS, ...(marketing ? OFFER_HEADERS : [])].sort());
  expect([html, headers['content-type'].split(';')[0], headers.from]).toEqual([null, 'text/plain', 'Tael <no-reply@tael.example>']);
  expect(recipient ?? person.email).toBe(person.email);
  expect(headers.to.replace(/\s+/g, ' ')).toMatch(new RegExp(`<${person.email.replaceAll('.', '\\.')}>$|^${person.email.replaceAll('.', '\\.')}$`));
  expect(subject).toBe(message.title);
  // Greeting, text, where it comes from, and of an offer how to stop them: no line of a name's own.
  const lines: string[] = body.trimEnd().split('\n');
  expect(lines).toHaveLength(marketing ? 7 : 6);
  expect([lines[1], lines[2], lines[3], lines[4]]).toEqual(['', message.body, '', '-- ']);
}

it('hostile names meet each template in each language, and each of them comes', () => {
  expect(CASES.length).toBe(Object.keys(TEMPLATES).length * TEMPLATE_LOCALES.length);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(HOSTILE_NAMES.length);
});

it('A22: hostile names are words and nothing else in the inbox, in mails and in pushes', async () => {
  const people: (Awaited<ReturnType<typeof told>> & Case)[] = [];
  for (const one of CASES) people.push({ ...one, ...(await told(one)) });
  await workAll(world);
  for (const { person, endpoint, marketing, template } of people) {
    const inbox = await messagesOf(world, person.id);
    const mails = await received(world, 'mail', person.email);
    // What is for the mail alone stands in no inbox: then the mail is looked at by itself.
    const isMailAlone = !(TEMPLATES[template].channels as readonly string[]).includes('IN_APP');
    const [message, ...others] = isMailAlone ? mails.map(({ subject, body }) => ({ title: subject, body: body.split('\n')[2] })) : inbox;
    expect([template, isMailAlone ? inbox : others]).toEqual([template, []]);
    expect([message.title, message.body]).toEqual([expect.stringMatching(ONE_LINE), expect.stringMatching(ONE_LINE)]);
    if ((TEMPLATES[template].channels as readonly string[]).includes('EMAIL')) {
      expectOnePlainMail(mails, { person, message, marketing });
    }
    if ((TEMPLATES[template].channels as readonly string[]).includes('PUSH')) {
      const pushes = await received(world, 'push', endpoint);
      expect(pushes.map(({ body }) => JSON.parse(body))).toEqual([{ id: message.id, topic: message.topic, title: message.title, body: message.body }]);
    }
  }
  for (const victim of ['victim@evil.example', 'x@evil.example', 'a@b.example']) expect(await received(world, 'mail', victim)).toEqual([]);
}, 180_000);
