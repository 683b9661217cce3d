import { randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { CARD_NUMBERS } from '@tael/sandbox';
import { CHARGE_NOTICES_PATH } from '../../src/charge-notices/charge-notice.route';
import type { NoticeType } from '../../src/charge-notices/charge-notice.domain';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from '../people-world';

type CardBehaviour = (typeof CARD_NUMBERS)[string];

export interface Payer extends NewPerson {
  readonly paymentMethodId: string;
}

export interface NoticeWorld {
  readonly world: PeopleWorld;
  payer(behaviour: CardBehaviour): Promise<Payer>;
  topUp(payer: Payer, change?: object): Promise<{ status: string; id: string }>;
  /** Tells as the processor does, through the gateway; gives the answer's status. */
  tell(type: string, data: object, change?: Partial<Told>): Promise<number>;
  /** A notice's row, by the charge that it is of. */
  notices(topUpId: string): Promise<{ type: NoticeType; outcome: string | null; attempts: number }[]>;
  /** Lets every open notice's time come, and works all off. */
  workOff(): Promise<void>;
  end(): Promise<void>;
}

/** A notice on its way, as a test may change it. */
export interface Told {
  readonly id: string;
  readonly timestamp: number;
  /** What is sent in place of what was signed. */
  readonly sent: string;
  readonly throughGateway: boolean;
}

const ADD_CARD = 'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } } }';
const TOP_UP = 'mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id status } userErrors { code } } }';

/** Accounts with a card processor that tells of its charges: what it sends goes the gateway's way. */
export async function startNoticeWorld(name: string, options: { movableClock?: boolean } = {}): Promise<NoticeWorld> {
  let isEnding = false;
  async function passOn(body: string, headers: IncomingHttpHeaders, throughGateway = true): Promise<number> {
    const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '192.0.2.9' };
    const signed = throughGateway ? { [IDENTITY_HEADER]: signIdentity(identity, body, world.settings.IDENTITY_KEYS, Date.now()) } : {};
    const passed = Object.fromEntries(Object.entries(headers).filter(([header]) => /^(webhook-|content-type)/.test(header)));
    const answer = await world.app.server.inject({ method: 'POST', url: CHARGE_NOTICES_PATH, payload: body, headers: { ...passed, ...signed } as Record<string, string> });
    return answer.statusCode;
  }
  const gateway = createServer((request, response) => {
    let body = '';
    // The processor may tell of a charge when the test is over: then nobody takes it any more.
    const answered = (): Promise<number> => (isEnding ? Promise.resolve(503) : passOn(body, request.headers));
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => void answered().then((status) => response.writeHead(status).end()));
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const noticesUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`;
  const world = await startPeopleWorld(name, {}, { ...options, noticesUrl });

  return {
    world,
    async payer(behaviour) {
      const person = await world.signUp();
      const number = Object.keys(CARD_NUMBERS).find((one) => CARD_NUMBERS[one] === behaviour);
      const { data } = await world.ask(ADD_CARD, { input: { number, expiryMonth: 12, expiryYear: 2040, securityCode: '737', holderName: 'Ada' } }, person.as);
      return { ...person, paymentMethodId: data.addCard.paymentMethod.id };
    },
    async topUp({ walletId, paymentMethodId, as }, change = {}) {
      const input = { walletId, paymentMethodId, amount: { amount: '25.00', currency: 'USD' }, idempotencyKey: randomUUID(), ...change };
      return (await world.ask(TOP_UP, { input }, as)).data.topUp.transaction;
    },
    async tell(type, data, { id = randomUUID(), timestamp = Math.floor(Date.now() / 1_000), sent, throughGateway } = {}) {
      const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
      const signature = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), world.noticeKey).toString('base64');
      const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1a,${signature}` };
      return passOn(sent ?? body, headers, throughGateway);
    },
    notices: async (topUpId) => (await world.rows(
      'SELECT type, outcome, attempts FROM charge_notice WHERE "chargeKey" = $1 ORDER BY "receivedAt", id', [`topup-${topUpId}`])) as never,
    async workOff() {
      // Those that another one works on are left to it: each in the order in which they stand would wait for each other in a ring.
      await world.rows(
        `WITH due AS (UPDATE charge_notice SET "lookAt" = now() WHERE id IN (SELECT id FROM charge_notice WHERE "endedAt" IS NULL FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT * FROM due`);
      while ((await world.app.services.chargeNotices.workOff()) > 0);
    },
    async end() {
      isEnding = true;
      await world.end();
      gateway.closeAllConnections();
      await new Promise((resolve) => gateway.close(resolve));
    },
  };
}
