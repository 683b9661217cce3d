import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALIASES_MAX, DEPTH_MAX, DOCUMENT_LENGTH_MAX, TOKENS_MAX } from '../graph/document.rules';
import { gatewayEnv } from '../env';
import { BODY_BYTES_MAX } from '../http/request.reader';
import { PAGE_MAX } from '../limits/cost.weights';
import { DIRECTIVES_MAX, REPEATS_MAX, SPREADS_MAX } from '../limits/flood.rules';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'partners', 'door.md'), 'utf8');

/** The rows of the table that begins with a header, without it. */
const rowsOf = (header: string): string[][] =>
  PAGE.slice(PAGE.indexOf(header)).split('\n\n')[0]!.split('\n').slice(2).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));

it('the page of the door has the bounds that there are, and no other', () => {
  const written = Object.fromEntries(rowsOf('| What | At most | Beyond it |').map(([what, most]) => [what, Number(most!.replaceAll(',', ''))]));
  expect(written).toEqual({
    'bytes of the body': BODY_BYTES_MAX,
    'characters of the document': DOCUMENT_LENGTH_MAX,
    'tokens of the document': TOKENS_MAX,
    'levels of fields': DEPTH_MAX,
    'aliases, counted wherever a fragment is spread': ALIASES_MAX,
    directives: DIRECTIVES_MAX,
    'spreads of fragments, inline ones too': SPREADS_MAX,
    'the same field in one selection': REPEATS_MAX,
    '`first` of a list': PAGE_MAX,
    cost: gatewayEnv.shape.COST_MAX.parse(undefined),
  });
});
