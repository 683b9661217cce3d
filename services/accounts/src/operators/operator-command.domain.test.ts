import { doneBy, readOperatorCommand } from './operator-command.domain';

describe('readOperatorCommand', () => {
  const asked = { email: 'a@b.c', reason: 'On call', by: undefined };
  it.each([
    [['list'], { kind: 'LIST' }],
    [['grant', 'a@b.c', '--reason', 'On call'], { kind: 'GRANT', ...asked }],
    [['revoke', 'a@b.c', '--reason', 'On call'], { kind: 'REVOKE', ...asked }],
    [['grant', 'a@b.c', '--by', 'j.doe/4711', '--reason', 'On call'], { kind: 'GRANT', ...asked, by: 'j.doe/4711' }],
    // What is no reason is for the rule of reasons to say: it has its words.
    [['grant', 'a@b.c', '--reason', ''], { kind: 'GRANT', ...asked, reason: '' }],
    [['grant', 'a@b.c', '--reason', '--by'], { kind: 'GRANT', ...asked, reason: '--by' }],
    [[], undefined], [['list', 'a@b.c'], undefined], [['grant'], undefined], [['promote', 'a@b.c', '--reason', 'x'], undefined],
    [['grant', 'a@b.c'], undefined], [['revoke', 'a@b.c'], undefined], [['grant', 'a@b.c', 'On call'], undefined],
    [['grant', '-a@b.c', '--reason', 'On call'], undefined], [['grant', 'a@b.c', '--reason', 'On call', '--by'], undefined],
    [['grant', 'a@b.c', '--reason', 'On call', '--by', ' j.doe'], undefined], [['grant', 'a@b.c', '--reason'], undefined], [['grant', '--reason', 'On call'], undefined],
    [['grant', 'a@b.c', '--reason', 'x', '--reason', 'y'], undefined], [['grant', 'a@b.c', '--reason', 'x', '--force', 'y'], undefined],
    [['grant', 'a@b.c', '--reason', 'x', '--by', ''], undefined], [['grant', 'a@b.c', '--reason', 'x', '--by', 'two\nlines'], undefined],
    // A mail address would stand in a trail that cannot be erased.
    [['grant', 'a@b.c', '--reason', 'x', '--by', 'j@doe.example'], undefined], [['grant', 'a@b.c', '--reason', 'x', '--by', 'x'.repeat(101)], undefined],
  ])('%j', (words, expected) => {
    expect(readOperatorCommand(words)).toEqual(expected);
  });
});

it.each([[undefined, 'root@host'], ['j.doe', 'j.doe (root@host)']])('doneBy: where %s is said, it was %s', (said, expected) => {
  expect(doneBy('root@host', said)).toBe(expected);
});
