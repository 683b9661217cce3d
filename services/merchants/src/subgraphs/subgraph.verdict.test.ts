import { DoesNotCompose, type PartnerSource, type SubgraphVerdict, TooHardToCompose } from '@tael/partner-graph';
import { verdictBeside } from './subgraph.verdict';

const named = (slug: string): PartnerSource => ({ slug, sdl: '' });
const FINE = { ok: true } as unknown as SubgraphVerdict;
const TOO_LONG = { ok: false, violations: [{ code: 'COMPOSITION', place: '', message: 'The schema takes too long to compose.' }] };

/** Whose slug begins with `hard` takes too long; whose begins with `broken` does not compose, where it is live. */
function composer() {
  const checkedWith: string[][] = [];
  const compose = (_own: unknown, partners: readonly PartnerSource[]): Promise<string> => {
    if (partners.some(({ slug }) => slug.startsWith('hard'))) return Promise.reject(new TooHardToCompose());
    if (partners.some(({ slug }) => slug.startsWith('broken'))) return Promise.reject(new DoesNotCompose('broken'));
    return Promise.resolve('');
  };
  const check = async ({ partners = [], candidate }: { partners?: readonly PartnerSource[]; candidate: PartnerSource }): Promise<SubgraphVerdict> => {
    checkedWith.push(partners.map(({ slug }) => slug));
    await compose([], partners);
    await compose([], [candidate]);
    return FINE;
  };
  return { check, compose, checkedWith };
}

test.each(['hard', 'broken'])('a live one that is %s keeps nobody from being checked beside the others', async (trouble) => {
  const { checkedWith, ...composing } = composer();
  const partners = [named('first'), named(trouble), named('last')];
  expect(await verdictBeside({ own: [], taken: [], partners, candidate: named('new') }, composing)).toBe(FINE);
  expect(checkedWith).toEqual([['first', trouble, 'last'], ['first', 'last']]);
});

test('a candidate that takes too long is told so, and not tried twice', async () => {
  const { checkedWith, ...composing } = composer();
  expect(await verdictBeside({ own: [], taken: [], partners: [named('first')], candidate: named('hard') }, composing)).toEqual(TOO_LONG);
  expect(checkedWith).toHaveLength(1);
});

test('what is no schema’s doing is nobody’s verdict', async () => {
  const composing = { ...composer(), check: () => Promise.reject(new Error('no memory for a thread')) };
  await expect(verdictBeside({ own: [], taken: [], partners: [], candidate: named('new') }, composing)).rejects.toThrow('no memory');
});
