import { parse } from 'graphql';
import { createAnswerCheck } from './answer.check';

const HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

describe('the schema of a bank whose types are all written as extensions', () => {
  const check = createAnswerCheck(`${HEAD}
    extend type Query { nordbank: NordbankBank }
    extend type NordbankBank { mood: NordbankMood place: NordbankPlace thing: NordbankThing rank(by: NordbankBy): NordbankRank }
    extend enum NordbankMood { CALM }
    extend interface NordbankPlace { city: String }
    extend type NordbankBranch implements NordbankPlace { city: String }
    extend union NordbankThing = NordbankBranch
    extend input NordbankBy { name: String }
    extend scalar NordbankRank @specifiedBy(url: "https://bank.example/rank")`);
  const ask = (text: string, nordbank: unknown) => check({ document: parse(`{ nordbank { ${text} } }`) }, { nordbank });

  it.each([
    ['mood', { mood: 'CALM' }], ['place { city }', { place: { __typename: 'NordbankBranch', city: 'Oslo' } }],
    ['thing { ... on NordbankBranch { city } }', { thing: { __typename: 'NordbankBranch', city: 'Oslo' } }], ['rank(by: { name: "a" })', { rank: 3 }],
  ])('answers %s', async (text, given) => {
    expect((await ask(text, given)).problems).toEqual([]);
  });

  it('still lets nothing through that it does not say', async () => {
    expect(await ask('mood', { mood: 'ANGRY' })).toEqual({ data: { nordbank: { mood: null } }, problems: [expect.stringContaining('nordbank.mood')] });
  });
});
