import { eventually } from '@tael/testkit';
import { received } from './world';

/** The newest code in somebody's mail that is not one of `seen`. */
export function mailedCode({ email }: { readonly email: string }, seen: readonly string[] = []): Promise<string> {
  return eventually(async () => {
    const codes = JSON.stringify(await received('mail', email)).replaceAll(String.raw`\n`, ' ').match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b/g) ?? [];
    const fresh = codes.find((code) => !seen.includes(code));
    if (!fresh) throw new Error('no code has come');
    return fresh;
  }, { timeoutMs: 20_000, describe: 'the mail with the code has come' });
}
