import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import { buildASTSchema, type GraphQLInputObjectType, parse } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const schema = buildASTSchema(parse(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8')), { assumeValidSDL: true });

it('an operator reads of every scope that a bank can be invited with, and of no other', () => {
  const invitation = schema.getType('InvitePartnerInput') as GraphQLInputObjectType;
  const text = invitation.getFields()['scopes']!.description ?? '';
  const [banks, people] = text.split('of people who consent');
  const named = (part: string | undefined) => (part?.match(/\b[a-z]+:[a-z]+\b/g) ?? []).sort();
  expect(named(banks)).toEqual([...PARTNER_SCOPES].sort());
  expect(named(people)).toEqual([...CONSENT_SCOPES].sort());
});
