import { type ComparedDevice, recognise, type Showing } from './recognition.domain';

const device = (is: Partial<ComparedDevice>): ComparedDevice => ({
  id: 'd', keepsMark: false, isMark: false, isKind: false, isNetwork: false, ...is,
});
const marked = device({ isMark: true });
const kept = device({ isKind: true, isNetwork: true, keepsMark: true });
const loose = device({ isKind: true, isNetwork: true });

const NEW = { deviceId: null, isNew: true, isKept: true };
const ALIKE = { deviceId: null, isNew: false, isKept: true };
const PASSING = { deviceId: null, isNew: false, isKept: false };
const SAME = { deviceId: 'd', isNew: false, isKept: false };

it.each<[string, Showing, ComparedDevice[], boolean, object]>([
  ['a first device', 'GIVEN', [], false, NEW],
  ['a first device with the mark of somebody else', 'BROUGHT', [], false, NEW],
  ['the same mark', 'BROUGHT', [marked], false, SAME],
  ['the same mark elsewhere and after an update', 'BROUGHT', [kept, marked], false, SAME],
  ['a mark that is just given is nobody\'s', 'GIVEN', [marked], false, NEW],
  ['another mark, though kind and network are the same', 'BROUGHT', [kept], false, NEW],
  ['another mark, though one like it keeps none', 'BROUGHT', [loose], false, NEW],
  ['no mark, like a device that keeps its own', 'GIVEN', [kept], false, NEW],
  ['no mark, like one that keeps none', 'GIVEN', [loose], false, ALIKE],
  ['no mark, like one of each', 'GIVEN', [kept, loose], false, ALIKE],
  ['no mark, the kind in another network', 'GIVEN', [device({ isKind: true })], false, NEW],
  ['no mark, another kind in the network', 'GIVEN', [device({ isNetwork: true })], false, NEW],
  ['a door without marks, the kind and network of any', 'NONE', [kept], false, PASSING],
  ['a door without marks, another network', 'NONE', [device({ isKind: true })], false, NEW],
  ['a door without marks, another kind', 'NONE', [device({ isNetwork: true })], false, NEW],
  ['a door without marks knows no mark', 'NONE', [marked], false, NEW],
  ['a kind of before, without a mark', 'GIVEN', [], true, ALIKE],
  ['a kind of before, with the mark of somebody else', 'BROUGHT', [], true, ALIKE],
  ['a kind of before, at a door without marks', 'NONE', [], true, PASSING],
])('%s', (_what, showing, devices, isOldKind, expected) => {
  expect(recognise(showing, devices, isOldKind)).toEqual(expected);
});
