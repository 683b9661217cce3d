import { readCampaignReason } from './campaign-reason.domain';

it.each<[string, string | null | undefined, string | null]>([
  ['none', undefined, null], ['null', null, null], ['one', ' The budget is doubled ', 'The budget is doubled'], ['one with lines', 'a\n\tb', 'a\n\tb'],
  ['500 characters, whatever they are made of', '\u{1F600}'.repeat(499) + 'a', '\u{1F600}'.repeat(499) + 'a'],
])('a reason is read: %s', (_what, given, reason) => expect(readCampaignReason(given)).toEqual({ ok: true, reason }));

it.each([
  ['nothing but blanks', ' \t', 'EMPTY'], ['signs alone', '...', 'EMPTY'], ['501 characters', 'a'.repeat(501), 'TOO_LONG'],
  ['a control', 'a\u0000', 'CHARACTERS'], ['what turns the text', 'a\u202Eb', 'CHARACTERS'],
])('a reason is refused: %s', (_what, given, reason) => {
  expect(readCampaignReason(given)).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason, field: ['input', 'reason'] }] });
});
