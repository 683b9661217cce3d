export const MESSAGE_LENGTH_MAX = 300;

// One value as graphql prints it, of a form that tells where it ends. Objects and lists do not.
const LEAF = String.raw`"(?:[^"\\]|\\.)*"|[-+.\w]+`;
const VARIABLE_LEAF = new RegExp(
  String.raw`^Variable "\$(\w+)" got invalid value (${LEAF})(?: at "(\1(?:\.\w+|\[\d+\])+)")?; (.*)$`,
  's',
);
const VARIABLE = /^Variable "\$(\w+)" got invalid value /;
// Greedy: what stands last is graphql's own, whatever the value looks like.
const VARIABLE_PATH = /^Variable "\$(\w+)" got invalid value .* at "(\1(?:\.\w+|\[\d+\])+)"; /s;
const LITERAL_LEAF = new RegExp(String.raw`^Expected value of type "([\w[\]!]+)", found (${LEAF}); (.*)$`, 's');

/** Sentences about a value that name types and fields alone. */
const PLAIN_REASONS = [
  /Expected type "\w+" to be an object\.$/,
  /Expected non-nullable type "[\w[\]!]+" not to be null\.$/,
  /Field "\w+" of required type "[\w[\]!]+" was not provided\.$/,
  /Field "\w+" is not defined by type "\w+"\.(?: Did you mean [\w", ]+\?)?$/,
];

/** Sentences of graphql that repeat a value, and what is left of them. */
const REPEATING: readonly (readonly [RegExp, string])[] = [
  [/^(\w+ cannot represent [\w -]*?value): .*$/s, '$1.'],
  [/^(Enum "\w+" cannot represent [\w -]*?value): .*$/s, '$1.'],
  [/^Value ".*" does not exist in "(\w+)" enum\..*$/s, 'The value does not exist in "$1" enum.'],
  [/^Expected value of type "([\w[\]!]+)", found .*$/s, 'Expected value of type "$1".'],
  [/^(Argument "\w+" has) invalid value .*$/s, '$1 an invalid value.'],
  [/^(Syntax Error: (?:Unexpected|Expected [^ ]+, found) (?:Name|Int|Float|String|BlockString)) ".*$/s, '$1.'],
];

const withoutRepetition = (sentence: string): string =>
  REPEATING.reduce((text, [pattern, left]) => text.replace(pattern, left), sentence);

/** Gives what may be said of a reason: nothing where it repeats the value in words of its own. */
function reasonWithout(printed: string, reason: string): string | undefined {
  const value = printed.startsWith('"') ? printed.slice(1, -1) : printed;
  const told = withoutRepetition(reason);
  if (told !== reason || PLAIN_REASONS.some((pattern) => pattern.test(reason))) return told;
  return value !== '' && reason.includes(value) ? undefined : reason;
}

function ofVariable(message: string): string | undefined {
  const leaf = VARIABLE_LEAF.exec(message);
  const name = leaf?.[1] ?? VARIABLE.exec(message)?.[1];
  if (name === undefined) return undefined;
  const path = leaf ? leaf[3] : VARIABLE_PATH.exec(message)?.[2];
  const reason = leaf ? reasonWithout(leaf[2]!, leaf[4]!) : reasonAtEnd(message);
  return `Variable "$${name}" has an invalid value${path ? ` at "${path}"` : ''}${reason ? `; ${reason}` : '.'}`;
}

// After an object or a list only sentences count that cannot hold a part of it.
function reasonAtEnd(message: string): string | undefined {
  for (const pattern of PLAIN_REASONS) {
    const found = pattern.exec(message);
    if (found) return found[0];
  }
  const repeating = /; ((?:\w+|Enum "\w+") cannot represent (?:an? )?[\w -]*?value): /.exec(message)?.[1];
  return repeating === undefined ? undefined : `${repeating}.`;
}

function ofLiteral(message: string): string | undefined {
  const found = LITERAL_LEAF.exec(message);
  if (!found) return undefined;
  const reason = reasonWithout(found[2]!, found[3]!);
  return `Expected value of type "${found[1]}"${reason ? `; ${reason}` : '.'}`;
}

/**
 * Takes out of a message the values that graphql repeats when it refuses them: card numbers and passwords among them.
 * The place of the value and the type that was expected stay.
 */
export function withoutValues(message: string): string {
  const told = ofVariable(message) ?? ofLiteral(message) ?? withoutRepetition(message);
  return told.length > MESSAGE_LENGTH_MAX ? `${told.slice(0, MESSAGE_LENGTH_MAX - 1)}…` : told;
}
