import { buildASTSchema, parse } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RATE } from './partner.domain';

const ROOT = join(__dirname, '..', '..', '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'partners', 'door.md'), 'utf8');

it('the page of the door says of each mutation of banks what comes of the same once more', () => {
  const contract = buildASTSchema(parse(readFileSync(join(ROOT, 'partner.schema.graphql'), 'utf8')), { assumeValidSDL: true });
  const rows = PAGE.slice(PAGE.indexOf('| Mutation | The same once more |')).split('\n\n')[0]!.split('\n').slice(2);
  const named = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  expect(named.sort()).toEqual([...Object.keys(contract.getMutationType()!.getFields()), 'registerPartnerClient'].sort());
});

it('the page of the door says which rate a bank begins with', () => {
  const [, perSecond, burst] = /rate of ([\d,]+) units a second, and ([\d,]+) at once/.exec(PAGE)!;
  expect([perSecond, burst].map((text) => Number(text!.replaceAll(',', '')))).toEqual([DEFAULT_RATE.perSecond, DEFAULT_RATE.burst]);
});
