// How a bank comes in with the code of its invitation: docs/partners/onboarding.md.
import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';

const sha256 = (text) => createHash('sha256').update(text).digest('base64url');

const REGISTER = `mutation ($input: RegisterPartnerClientInput!) { registerPartnerClient(input: $input) {
  partnerId client { id scopes } userErrors { code message field } } }`;

/** Proves that the bank has the private half of a key, to Tael alone and for this invitation. */
export function proofOf(key, invitation) {
  return new SignJWT({ invitation: sha256(invitation) })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'tael-partner-registration+jwt' })
    .setAudience('urn:tael:partner-registration')
    .setIssuedAt()
    .sign(key.privateKey);
}

/** Registers a client with one key; gives its id. `graph` is the address of Tael's graph for everybody. */
export async function register({ graph, invitation, key }) {
  const input = { invitation, jwks: JSON.stringify({ keys: [key.jwk] }), proof: [await proofOf(key, invitation)] };
  const response = await fetch(graph, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: REGISTER, variables: { input } }),
  });
  const { data, errors } = await response.json();
  const { client, partnerId, userErrors } = data?.registerPartnerClient ?? { userErrors: errors };
  if (!client)
    throw new Error(`Tael did not register the client: ${userErrors?.map(({ message }) => message).join('; ')}`);
  return { clientId: client.id, partnerId };
}
