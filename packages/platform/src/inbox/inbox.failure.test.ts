import { DatabaseUnavailable } from '../postgres';
import { Poison } from './dead-letters';
import { causeOf, verdictOn } from './inbox.failure';

const malformed = Object.assign(new Error('unknown event type "x"'), { name: 'MalformedEvent' });

describe('verdictOn', () => {
  it.each([
    ['a database that is away', new DatabaseUnavailable(new Error('ECONNREFUSED')), 'wait'],
    ['a lock that others held too long', Object.assign(new Error('lock timeout'), { code: '55P03' }), 'wait'],
    ['a deadlock', Object.assign(new Error('deadlock detected'), { driverError: { code: '40P01' } }), 'wait'],
    ['a statement that took too long', Object.assign(new Error('statement timeout'), { code: '57014' }), 'retry'],
    ['poison', new Poison('never'), 'poison'],
    ['a malformed event', malformed, 'poison'],
    ['any other error', new TypeError('a bug'), 'retry'],
    ['no error at all', undefined, 'retry'],
    ['a text', 'thrown text', 'retry'],
  ] as const)('%s: %s', (_name, error, verdict) => expect(verdictOn(error)).toBe(verdict));
});

describe('causeOf', () => {
  it('keeps the texts of our own errors', () => {
    expect(causeOf(new Poison('the campaign is unknown'))).toBe('Poison: the campaign is unknown');
    expect(causeOf(malformed)).toBe('MalformedEvent: unknown event type "x"');
  });
  it('cuts what others quote, and adds the code and the constraint', () => {
    const refused = Object.assign(new Error('invalid input syntax for type uuid: "4111-secret"'), { name: 'QueryFailedError', code: '22P02' });
    expect(causeOf(refused)).toBe('QueryFailedError: invalid input syntax for type uuid: "…" (code 22P02)');
    const broken = Object.assign(new Error('duplicate key'), { driverError: { code: '23505', constraint: 'inbox_pkey' } });
    expect(causeOf(broken)).toBe('Error: duplicate key (code 23505, constraint inbox_pkey)');
  });
  it.each([
    [`Unexpected token 's', "secret@mail" is not valid JSON`], [`value 'secret@mail' is odd`], ['value `secret@mail` is odd'],
    ['a quote that never ends "secret@mail'],
  ])('leaves nothing quoted in %j', (text) => expect(causeOf(new Error(text))).not.toContain('secret'));
  it('says nothing of a value that is no error', () => {
    expect(causeOf('secret@mail')).toBe('a value that is no error was thrown');
  });
});
