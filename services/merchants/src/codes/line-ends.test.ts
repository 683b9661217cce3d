import { lineEndsOf } from './line-ends';

/** The parts between which a line may end. */
function partsOf(text: string): readonly string[] {
  const ends = [...lineEndsOf(text)].sort((one, other) => one - other);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end)).filter((part) => part !== '');
}

it.each<[string, readonly string[]]>([
  ['Corner Coffee', ['Corner ', 'Coffee']], ['Tea-Time', ['Tea-', 'Time']], ['街角', ['街', '角']], ['קפה שלום', ['קפה ', 'שלום']], ['मकान नंबर', ['मकान ', 'नंबर']], ['', []],
  // No space stands between words of these.
  ['ร้านกาแฟ', ['ร้าน', 'กาแฟ']], ['ຮ້ານກາເຟ', ['ຮ້ານ', 'ກາເຟ']], ['ហាងកាហ្វេ', ['ហាង', 'កាហ្វេ']], ['ကော်ဖီဆိုင်မြန်မာ', ['ကော်ဖီ', 'ဆိုင်', 'မြန်မာ']],
  // A sign that repeats a word stays with it.
  ['เด็กๆกาแฟ', ['เด็กๆ', 'กาแฟ']], ['Barกาแฟ', ['Barกาแฟ']],
])('lines of %j may end between %j', (text, expected) => {
  expect(partsOf(text)).toEqual(expected);
});
