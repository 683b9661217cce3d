import { createLogger } from '@tael/platform/log';
import { RequestContext } from './context';

const identity = { principal: null, locale: 'en', reference: 'r1', traceparent: '', address: '127.0.0.1' } as never;
const outcome = { operation: 'refused', codes: [] };
const log = createLogger({ service: 'test', level: 'silent' });

// Fields of one request share their loaders: with one each they would batch nothing.
it('makes the loaders of a request once, and not before they are used', () => {
  const made: unknown[] = [];
  const loaders = (whose: unknown) => {
    made.push(whose);
    return { of: made.length };
  };
  const context = new RequestContext(identity, outcome, { loaders, log });
  expect(made).toEqual([]);
  expect(context.loaders).toBe(context.loaders);
  expect(new RequestContext(identity, outcome, { loaders, log }).loaders).not.toBe(context.loaders);
  expect(made).toEqual([identity, identity]);
});

it('has one log, with the reference of the request', () => {
  const context = new RequestContext(identity, outcome, { loaders: () => ({}), log });
  expect(context.log).toBe(context.log);
  expect(context.log.bindings()).toMatchObject({ reference: 'r1' });
});
