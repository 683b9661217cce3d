import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import { EVENT_TYPES, TEST_EVENT_TYPE } from './webhook.domain';

/** What the first cells of the table of a page name: a row may have several. */
function namedIn(page: string, header: string): string[] {
  const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'partners', page), 'utf8');
  const rows = text.slice(text.indexOf(header)).split('\n\n')[0]!.split('\n').slice(2);
  return rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)).sort();
}

it('the page of webhooks has every event that can be chosen, and no other', () => {
  expect(namedIn('webhooks.md', '| Type | `data` |')).toEqual([...EVENT_TYPES.MERCHANT, ...EVENT_TYPES.PARTNER, TEST_EVENT_TYPE].sort());
});

it('the page of how a bank comes in has every scope, and no other', () => {
  expect(namedIn('onboarding.md', '| Scope | What it opens')).toEqual([...PARTNER_SCOPES, ...CONSENT_SCOPES].sort());
});
