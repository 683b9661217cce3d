import { eventually } from '@tael/testkit';
import { createHash } from 'node:crypto';
import { newBank } from './security/partner-bank';
import { must, operator } from './world';

const SCOPES = ['partner:read', 'documents:publish'];
const PUBLISH_ID = 'sha256:11427c2ca1e9e4e4045e5fb56f7406b5f32b7f2e323d8c9478934f7448e29201';
const idOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

// Goal: in production a bank runs what it has published and nothing else. Method: two banks that come in by the public doors.
it('a bank of production publishes its documents, and only these run, and only for it', async () => {
  const [bank, other] = await Promise.all([newBank('Real Bank', SCOPES, 'PRODUCTION'), newBank('Real Other Bank', SCOPES, 'PRODUCTION')]);
  const text = 'query Me($first: Int!) { partner { id environment documents(first: $first) { edges { node { id } } } } }';
  const mine = { documentId: idOf(text), variables: { first: 5 } };
  const refused = { status: 400, body: { errors: [{ extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED' } }] } };
  for (const body of [{ query: text, variables: { first: 5 } }, mine]) expect(await bank.client.post(body)).toMatchObject(refused);

  const wrong = await bank.client.post({ documentId: PUBLISH_ID, variables: { input: { documents: [text, '{ viewer { id } }'] } } });
  expect(wrong.body.errors).toMatchObject([{ message: 'Document 2: Cannot query field "viewer" on type "Query".', extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(await bank.client.post(mine)).toMatchObject(refused);
  const done = await bank.client.post({ documentId: PUBLISH_ID, variables: { input: { documents: [text] } } });
  expect(done.body).toEqual({ data: { publishDocuments: { documents: [{ id: idOf(text), publishedAt: expect.any(String) }], userErrors: [] } } });

  expect((await bank.client.post(mine)).body).toEqual({
    data: { partner: { id: bank.partnerId, environment: 'PRODUCTION', documents: { edges: [{ node: { id: idOf(text) } }] } } },
  });
  expect(await other.client.post(mine)).toMatchObject(refused);
  expect(await bank.client.post({ query: '{ partner { id } }' })).toMatchObject(refused);
  const { partnerById } = await must<any>((await operator()).client,
    'query ($id: ID!) { partnerById(id: $id) { documents(first: 5) { edges { node { text } } } auditTrail(first: 1) { edges { node { action } } } } }', { id: bank.partnerId });
  expect(partnerById).toEqual({ documents: { edges: [{ node: { text } }] }, auditTrail: { edges: [{ node: { action: 'DOCUMENTS_PUBLISHED' } }] } });
});

it('a bank of the sandbox sends any text, and ids too', async () => {
  const bank = await newBank('Try Bank', SCOPES);
  // A bank that was told of before its environment was is one of production until it is told of again.
  await eventually(async () => expect((await bank.client.ask('{ partner { environment } }')).body.data).toEqual({ partner: { environment: 'SANDBOX' } }), { describe: 'any text runs', timeoutMs: 15_000 });
  const text = '{ partner { name } }';
  await bank.client.post({ documentId: PUBLISH_ID, variables: { input: { documents: [text] } } });
  expect((await bank.client.post({ documentId: idOf(text) })).body.data.partner.name).toBe('Try Bank');
});
