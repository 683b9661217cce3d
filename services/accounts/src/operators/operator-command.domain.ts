/** What is asked of the command that makes operators. */
export type OperatorCommand =
  | { readonly kind: 'LIST' }
  | { readonly kind: 'GRANT' | 'REVOKE'; readonly email: string; readonly reason: string; readonly by: string | undefined };

const BY = /^[\p{L}\p{N}][\p{L}\p{N} ._\-/]{0,99}$/u;

/** Reads the words of the command; undefined where they are none: a change wants an address and a reason, and nothing is taken for another. */
export function readOperatorCommand(words: readonly string[]): OperatorCommand | undefined {
  const [verb, email, ...rest] = words;
  if (verb === 'list') return words.length === 1 ? { kind: 'LIST' } : undefined;
  if ((verb !== 'grant' && verb !== 'revoke') || !email || email.startsWith('-')) return undefined;
  const options = optionsOf(rest);
  const reason = options?.get('--reason');
  if (!options || reason === undefined) return undefined;
  const by = options.get('--by');
  if (by !== undefined && !BY.test(by)) return undefined;
  return { kind: verb === 'grant' ? 'GRANT' : 'REVOKE', email, reason, by };
}

/** Each option once, with its value. */
function optionsOf(words: readonly string[]): Map<string, string> | undefined {
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const [name, value] = [words[at]!, words[at + 1]];
    if (!['--reason', '--by'].includes(name) || value === undefined || options.has(name)) return undefined;
    options.set(name, value);
  }
  return options;
}

/** Writes who it was: the account of the machine, which is known, behind the person who is said to have used it. */
export const doneBy = (account: string, said: string | undefined): string => (said === undefined ? account : `${said} (${account})`);
