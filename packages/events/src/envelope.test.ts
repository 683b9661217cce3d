import fc from 'fast-check';
import { EVENT_ARBITRARIES } from '../test/event.arbitraries';
import { CATALOGUE, type EventData, type EventType } from './catalogue';
import { TOPICS } from './define';
import { dispatcher, type EventMessage, fromMessage, MalformedEvent, toMessage, withoutHandler } from './envelope';

const TYPES = Object.keys(CATALOGUE) as EventType[];
const ORIGIN = { source: 'test', time: new Date('2026-01-02T03:04:05.678Z') };
const arbitraryOf = <Type extends EventType>(type: Type) => EVENT_ARBITRARIES[type] as fc.Arbitrary<EventData<Type>>;
const sampleOf = <Type extends EventType>(type: Type): EventData<Type> =>
  fc.sample(arbitraryOf(type), { numRuns: 1, seed: 7 })[0]!;
const messageOf = (type: EventType): EventMessage => toMessage(type, sampleOf(type), ORIGIN);

const faultOf = (message: EventMessage): string => {
  try {
    fromMessage(message);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedEvent);
    return (error as Error).message;
  }
  throw new Error('the message was read');
};

/** Fields that events of before do not have: each has a default. */
const ADDED_LATER: ReadonlySet<string> = new Set([
  'merchant.changed.verified', 'consent.ended.bankLeft', 'payout-account.changed.formerOwner', 'topup.settled.method', 'merchant.changed.roles', 'partner.changed.environment', 'partner.changed.redirectUris',
  'consent.withdrawn.subject', 'consent.ended.subject', 'benefit.reversed.cause',
]);

describe.each(TYPES)('%s', (type) => {
  it('comes out of a message as it went in', () => {
    fc.assert(
      fc.property(arbitraryOf(type), (data) => {
        const message = toMessage(type, data, ORIGIN);
        const event = fromMessage(JSON.parse(JSON.stringify(message)) as EventMessage);
        expect(event).toMatchObject({ type, source: 'test', time: ORIGIN.time });
        expect(event.data).toEqual(data);
        expect(message.key).toBe((data as Record<string, unknown>)[CATALOGUE[type].key]);
        expect(message.topic).toBe(CATALOGUE[type].topic);
      }),
      { numRuns: 50 },
    );
  });
  it('is refused without any one of its fields that has no default, and the refusal names the field and nothing of the data', () => {
    const message = messageOf(type);
    const whole = JSON.parse(message.value) as Record<string, unknown>;
    for (const field of Object.keys(whole)) {
      const { [field]: _gone, ...rest } = whole;
      if (ADDED_LATER.has(`${type}.${field}`)) {
        expect(() => fromMessage({ ...message, value: JSON.stringify(rest) })).not.toThrow();
        continue;
      }
      const text = faultOf({ ...message, value: JSON.stringify(rest) });
      expect(text).toContain(field);
      for (const value of Object.values(whole)) {
        if (typeof value === 'string' && value.length > 8) expect(text).not.toContain(value);
      }
    }
  });
  it('drops what its schema does not know, so that a field can be added', () => {
    const message = messageOf(type);
    const value = JSON.stringify({ ...(JSON.parse(message.value) as object), later: 'x' });
    expect(fromMessage({ ...message, value }).data).toEqual(fromMessage(message).data);
  });
});

it('takes merchants for not verified that were told of before there was such a thing', () => {
  const message = messageOf('merchant.changed');
  const { verified: _gone, ...before } = JSON.parse(message.value) as Record<string, unknown>;
  expect(fromMessage({ ...message, value: JSON.stringify(before) }).data).toMatchObject({ verified: false });
});

it('takes people for owners whose roles were not told yet', () => {
  const message = messageOf('merchant.changed');
  const { roles: _gone, ...before } = JSON.parse(message.value) as Record<string, unknown>;
  expect(fromMessage({ ...message, value: JSON.stringify(before) }).data).toMatchObject({ roles: [] });
});

it('has every event in one of the five topics', () => {
  expect(new Set(TYPES.map((type) => CATALOGUE[type].topic))).toEqual(new Set(Object.values(TOPICS)));
});

describe('an envelope', () => {
  it('carries the attributes of CloudEvents 1.0', () => {
    const data = sampleOf('wallet.opened');
    const { headers } = toMessage('wallet.opened', data, { ...ORIGIN, traceparent: '00-a-b-01', id: data.walletId });
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: data.walletId,
      ce_type: 'wallet.opened',
      ce_source: '/tael/test',
      ce_time: '2026-01-02T03:04:05.678Z',
      ce_subject: data.personId,
      ce_dataschema: '/tael/events/wallet.opened/v1',
      'content-type': 'application/json',
      traceparent: '00-a-b-01',
    });
  });
  it('has a new id each time where none is given', () => {
    const ids = [messageOf('wallet.opened'), messageOf('wallet.opened')].map((message) => message.headers['ce_id']);
    expect(new Set(ids).size).toBe(2);
  });

  const SECRET = 'secret-4242424242424242';
  const change = (headers: Record<string, string | undefined>, value?: string): EventMessage => {
    const message = messageOf('topup.settled');
    const changed = Object.entries({ ...message.headers, ...headers }).filter(([, text]) => text !== undefined);
    return {
      ...message,
      headers: Object.fromEntries(changed) as Record<string, string>,
      value: value ?? message.value,
    };
  };
  const withData = (fields: object): EventMessage => {
    const message = messageOf('topup.settled');
    return { ...message, value: JSON.stringify({ ...(JSON.parse(message.value) as object), ...fields }) };
  };
  it.each<[string, EventMessage, RegExp]>([
    ['no id', change({ ce_id: undefined }), /ce_id/],
    ['an id that is none', change({ ce_id: SECRET }), /ce_id/],
    ['no type', change({ ce_type: undefined }), /unknown event type/],
    ['an unknown type', change({ ce_type: 'payment.dreamt' }), /unknown event type "payment.dreamt"/],
    ['a type of every object', change({ ce_type: 'constructor' }), /unknown event type/],
    ['data that is no JSON', change({}, `{"last4": "${SECRET}`), /topup.settled: the data is no JSON/],
    ['data that is a list', change({}, `["${SECRET}"]`), /topup.settled: the data does not fit/],
    ['no data', change({}, ''), /no JSON/],
    ['null', change({}, 'null'), /does not fit/],
    ['a number for an amount', withData({ amount: 12 }), /at amount \(/],
    ['a decimal amount', withData({ amount: '12.50' }), /at amount \(/],
    ['an amount of 19 digits', withData({ amount: '1000000000000000000' }), /at amount \(/],
    ['a currency that is none', withData({ currency: 'XXX' }), /at currency \(/],
    ['a currency in small letters', withData({ currency: 'usd' }), /at currency \(/],
    ['a time that is none', withData({ occurredAt: 'yesterday' }), /at occurredAt \(/],
    ['a text too long where four digits belong', withData({ last4: SECRET }), /at last4 \(/],
    ['an id that is no UUID', withData({ walletId: SECRET }), /at walletId \(/],
  ])('with %s is malformed, and the text holds no data', (_what, message, text) => {
    expect(faultOf(message)).toMatch(text);
    expect(faultOf(message)).not.toContain('secret');
  });
  it('does not leave with data that its schema refuses', () => {
    const data = { ...sampleOf('card.added'), last4: '42424' };
    expect(() => toMessage('card.added', data, ORIGIN)).toThrow();
  });
});

describe('a dispatcher', () => {
  it('calls the handler of the type with the transaction, and passes over types without one', async () => {
    const seen: unknown[] = [];
    const handle = dispatcher<string>({
      'wallet.opened': async (tx, event) => void seen.push([tx, event.data.walletId]),
    });
    const message = messageOf('wallet.opened');
    await handle('tx', message);
    await handle('tx', messageOf('card.added'));
    expect(seen).toEqual([['tx', (JSON.parse(message.value) as { walletId: string }).walletId]]);
  });
  it('throws what no handler could work off', async () => {
    const message = { ...messageOf('card.added'), value: '{}' };
    await expect(dispatcher<null>({})(null, message)).rejects.toBeInstanceOf(MalformedEvent);
  });
  it('gives on the failure of a handler', async () => {
    const handle = dispatcher<null>({ 'card.added': () => Promise.reject(new Error('not now')) });
    await expect(handle(null, messageOf('card.added'))).rejects.toThrow('not now');
  });
});

describe('withoutHandler', () => {
  const isUnwanted = withoutHandler({ 'payment.settled': () => undefined });
  it.each([
    ['a type with a handler', 'payment.settled', false], ['a type of the catalogue without one', 'payment.refunded', true],
    ['a type that nobody knows, and no envelope of ours', 'payment.unknown', false], ['no type', undefined, false],
    ['a name that every object has', 'toString', false],
  ])('%s', (_name, type, expected) => {
    expect(isUnwanted({ topic: 't', key: 'k', value: '{}', headers: type ? { ce_type: type } : {} })).toBe(expected);
  });

  const ofNewerSender = (headers: Record<string, string | undefined> = {}): EventMessage => {
    const message = messageOf('topup.settled');
    const ours = { ce_type: 'payment.disputed', ce_dataschema: '/tael/events/payment.disputed/v1' };
    const all = Object.entries({ ...message.headers, ...ours, ...headers }).filter(([, text]) => text !== undefined);
    return { ...message, headers: Object.fromEntries(all) as Record<string, string>, value: '{"whatever":"it is"}' };
  };
  it('passes over an event of a type that only a newer sender knows', () => {
    expect(isUnwanted(ofNewerSender())).toBe(true);
    expect(isUnwanted(ofNewerSender({ ce_dataschema: '/tael/events/payment.disputed/v12' }))).toBe(true);
  });
  it.each<[string, Record<string, string | undefined>]>([
    ['without an id', { ce_id: undefined }], ['with an id that is no UUID', { ce_id: '7' }],
    ['of another specification', { ce_specversion: '2.0' }], ['of a sender who is not ours', { ce_source: '/other/accounts' }],
    ['without a schema', { ce_dataschema: undefined }], ['with the schema of another type', { ce_dataschema: '/tael/events/topup.settled/v1' }],
    ['with a schema without a version', { ce_dataschema: '/tael/events/payment.disputed' }],
    ['with a version that is none', { ce_dataschema: '/tael/events/payment.disputed/v0' }],
    ['of a type that is no name', { ce_type: 'Payment Disputed', ce_dataschema: '/tael/events/Payment Disputed/v1' }],
  ])('does not pass over an unknown type %s: somebody has to look at it', (_what, headers) => {
    expect(isUnwanted(ofNewerSender(headers))).toBe(false);
  });
});
