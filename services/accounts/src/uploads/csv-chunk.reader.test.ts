import { readChunk } from './csv-chunk.reader';

const cells = (text: string) => {
  const read = readChunk(text, 10);
  return 'rows' in read ? read.rows.map((row) => [row.line, ...row.cells]) : read;
};

describe('a chunk', () => {
  test.each([
    ['ends of Unix', 'a,b\nc,d\n'], ['ends of Windows', 'a,b\r\nc,d\r\n'], ['both, Windows first', 'a,b\r\nc,d\n'], ['both, Unix first', 'a,b\nc,d\r\n'],
    ['no end at its end', 'a,b\r\nc,d'], ['a byte order mark', '\ufeffa,b\nc,d\n'],
  ])('with %s has its rows, each at its line', (_name, text) => {
    expect(cells(text)).toEqual([[10, 'a', 'b'], [11, 'c', 'd']]);
  });

  it('passes empty lines over, and counts them', () => {
    expect(cells('a,b\n\nc,d\n')).toEqual([[10, 'a', 'b'], [12, 'c', 'd']]);
  });

  it('that is no CSV says from which line on', () => {
    expect(cells('a,b\nc,"d\n')).toHaveProperty('wrongLine');
  });
});
