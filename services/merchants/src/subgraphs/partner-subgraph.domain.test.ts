import { decideStep, maySlug, type SubgraphStatus, type SubgraphStep } from './partner-subgraph.domain';

test.each<[SubgraphStatus, SubgraphStep, string]>([
  ['PUBLISHED', 'APPROVE', 'LIVE'],
  ['SUSPENDED', 'APPROVE', 'LIVE'],
  ['LIVE', 'APPROVE', 'UNCHANGED'],
  ['REFUSED', 'APPROVE', 'NOT_ALLOWED'],
  ['REJECTED', 'APPROVE', 'NOT_ALLOWED'],
  ['REPLACED', 'APPROVE', 'NOT_ALLOWED'],
  ['WITHDRAWN', 'APPROVE', 'NOT_ALLOWED'],
  ['PUBLISHED', 'REJECT', 'REJECTED'],
  ['REJECTED', 'REJECT', 'UNCHANGED'],
  ['LIVE', 'REJECT', 'NOT_ALLOWED'],
  ['LIVE', 'SUSPEND', 'SUSPENDED'],
  ['SUSPENDED', 'SUSPEND', 'UNCHANGED'],
  ['PUBLISHED', 'SUSPEND', 'NOT_ALLOWED'],
  ['PUBLISHED', 'WITHDRAW', 'WITHDRAWN'],
  ['LIVE', 'WITHDRAW', 'WITHDRAWN'],
  ['SUSPENDED', 'WITHDRAW', 'WITHDRAWN'],
  ['WITHDRAWN', 'WITHDRAW', 'UNCHANGED'],
  ['REFUSED', 'WITHDRAW', 'NOT_ALLOWED'],
  ['REPLACED', 'WITHDRAW', 'NOT_ALLOWED'],
])('%s, %s: %s', (status, step, expected) => expect(decideStep(status, step)).toBe(expected));

test.each<[string, string, [string, string][], boolean]>([
  ['a', 'nordbank', [], true],
  ['a', 'nordbank', [['a', 'nordbank']], true],
  ['a', 'other', [['a', 'nordbank']], false],
  ['b', 'nordbank', [['a', 'nordbank']], false],
  ['b', 'nord', [['a', 'nordbank']], false],
  ['b', 'nordbanks', [['a', 'nordbank']], false],
  ['b', 'sudbank', [['a', 'nordbank']], true],
])('bank %s may have the slug %s beside %j: %s', (partnerId, slug, taken, expected) => {
  expect(maySlug({ partnerId, slug }, taken.map(([id, other]) => ({ partnerId: id, slug: other })))).toBe(expected);
});
