import { uuidOf } from './ids.domain';

const ID = '01a22108-f8c4-75e9-815b-67a74adecaaf';

it.each<[string, string | undefined]>([
  [ID, ID], [ID.toUpperCase(), ID], ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  // The database would take some of these, and fail at the others.
  ['', undefined], [` ${ID}`, undefined], [`${ID} `, undefined], [`${ID}\n`, undefined], [`{${ID}}`, undefined], [`x${ID}`, undefined], [`${ID}0`, undefined],
  [ID.replaceAll('-', ''), undefined], [ID.replace('f8c4', 'f8cg'), undefined], ['01a22108-f8c4-75e9-815b-67a74adecaa', undefined],
  ['1a22108-f8c4-75e9-815b-67a74adecaaf', undefined], ['01a22108-f8c-75e9-815b-67a74adecaaf', undefined], ['01a22108-f8c4-75e-815b-67a74adecaaf', undefined],
  ['01a22108-f8c4-75e9-815-67a74adecaaf', undefined], ['0ia22108-f8c4-75e9-815b-67a74adecaaf', undefined], ['01a22108-f8c4-x5e9-815b-67a74adecaaf', undefined],
  ['01a22108-f8c4-75e9-x15b-67a74adecaaf', undefined], ['01a22108-f8c4-75e9-815b-67a74adecaax', undefined], ["01a22108-f8c4-75e9-815b-'; DROP--", undefined],
])('%j as an id is %s', (text, id) => expect(uuidOf(text)).toBe(id));
