import { maskedName } from './masked-name.domain';

it.each([
  ['Ada Lovelace', 'A*** L***'], ['Bo', 'B***'], ['A', 'A***'], ['  Anna   Maria\u00a0Li ', 'A*** M*** L***'], ['王小明', '王***'],
  ['👩‍🚀 Kim', '👩‍🚀*** K***'], ['e\u0301lise', 'e\u0301***'], ['', ''],
])('%j is shown as %j', (name, shown) => {
  expect(maskedName(name)).toBe(shown);
});
