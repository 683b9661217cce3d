import { PERSONAS } from '../stack/personas.mjs';
import { caller } from './graph.mjs';

const SIGN_IN = `mutation SeedSignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } userErrors { code message } } }`;
const SIGN_UP = `mutation SeedSignUp($input: SignUpInput!) {
  signUp(input: $input) { session { accessToken } userErrors { code message } } }`;

/** @typedef {keyof typeof PERSONAS} PersonaName */

/**
 * Signs a persona in; null where there is no such person yet.
 * @param {string} url
 * @param {PersonaName} name
 * @param {AbortSignal} signal
 * @returns {Promise<string | null>} the access token
 */
export async function signIn(url, name, signal) {
  const { email, password } = PERSONAS[name];
  const { signIn: payload } = await caller(url, { signal })(SIGN_IN, { input: { email, password } });
  return payload.session?.accessToken ?? null;
}

/**
 * Signs a persona in, and up before where it is not there.
 * @param {string} url
 * @param {PersonaName} name
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
export async function ensurePerson(url, name, signal) {
  const known = await signIn(url, name, signal);
  if (known) return known;
  const { email, password, displayName } = PERSONAS[name];
  const input = { email, password, displayName, currency: 'USD', acquisition: { channel: 'demo' } };
  const { signUp } = await caller(url, { signal })(SIGN_UP, { input });
  if (signUp.session) return signUp.session.accessToken;
  throw new Error(`the demo ${name} can neither sign in nor up: ${JSON.stringify(signUp.userErrors)}`);
}

/**
 * Whether a token is an operator's, by its claims.
 * @param {string} token
 */
export function isOperator(token) {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return claims.roles.includes('OPERATOR');
}
