import { familiesOf, languageOf, scriptsOf } from './scripts.domain';

it.each([
  ['Corner', 'Latn Latn Latn Latn Latn Latn'], ['Я1', 'Cyrl Cyrl'], ['قه', 'Arab Arab'], ['קם', 'Hebr Hebr'], ['กa', 'Thai Latn'], ['街カか한ㄅ', 'Hani Kana Hira Hang Bopo'],
  ['क বগਗકଓதకಕകසกລကኣაԱខ', 'Deva Deva Beng Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Thai Laoo Mymr Ethi Geor Armn Khmr'],
  // What is of no script is of the one before it, and of the one behind it in the beginning.
  ['(קם) 2a', 'Hebr Hebr Hebr Hebr Hebr Hebr Latn'], ['24', 'Zyyy Zyyy'], ['', ''], ['👍a', 'Latn Latn'], ['ཀ-', 'Zyyy Zyyy'],
  // Some signs are of several scripts, and of no other.
  ['a١', 'Latn Arab'], ['a।', 'Latn Beng'], ['ক।', 'Beng Beng'], ['क।', 'Deva Deva'], ['ー', 'Hira'],
])('scriptsOf(%s) are %s', (text, expected) => {
  expect(scriptsOf(Array.from(text)).join(' ')).toBe(expected);
});

it.each([
  ['Latn', 'Corner', 'sans sc jp kr'], ['Hani', '街角咖啡', 'sans sc jp kr'], ['Hani', '街角カフェ', 'sans jp sc kr'], ['Hira', 'さくら', 'sans jp sc kr'], ['Hang', '카페', 'sans kr sc jp'], ['Hani', '카페 咖啡', 'sans kr sc jp'],
  ['Hang', '카페 さくら', 'sans jp sc kr'], ['Arab', 'مقهى', 'arabic sans sc jp kr'], ['Thai', 'กาแฟ カフェ', 'thai sans jp sc kr'], ['Zyyy', '24', 'sans sc jp kr'],
])('familiesOf(%s, %s) are %s', (script, name, expected) => {
  expect(familiesOf(script, name).join(' ')).toBe(expected);
});

it.each([
  ['Arab', 'چائے', 'ur'], ['Arab', 'مقهى', undefined], ['Arab', 'کافه', undefined], ['Cyrl', 'Ђорђе', 'sr'], ['Cyrl', 'Кофейня', undefined], ['Latn', 'Cafe ٹ', undefined], ['Deva', 'कॉफ़ी', undefined],
])('languageOf(%s, %s) is %s', (script, name, expected) => {
  expect(languageOf(script, name)).toBe(expected);
});
