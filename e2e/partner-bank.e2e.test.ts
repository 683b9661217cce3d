import { eventually } from '@tael/testkit';
import { newBank } from './banks';
import { must, operator } from './world';

describe('a bank at its own door', () => {
  it('registers by invitation, gets a bound token and sees itself', async () => {
    const bank = await newBank('Nordbank');
    const { data } = await bank.tael.query('{ partner { id name environment status clients { id status scopes keys { kid status } } } }');
    expect(data.partner).toMatchObject({
      id: bank.partnerId, name: 'Nordbank', environment: 'SANDBOX', status: 'ACTIVE', clients: [{ id: bank.clientId, status: 'ACTIVE', keys: [{ kid: bank.key.kid, status: 'ACTIVE' }] }],
    });
  });

  it('gets a new token when the old one is over, with whatever nonce the door gave it', async () => {
    const { tael, partnerId } = await newBank('Mittebank', ['partner:read']);
    tael.forgetToken();
    expect((await tael.query('{ partner { id } }')).data.partner.id).toBe(partnerId);
  });

  it('gets no token for a scope that its client has not, and no field without its scope', async () => {
    const bank = await newBank('Sudbank', ['partner:read']);
    await expect(bank.client({ scope: 'partner:read history:import' }).query('{ partner { id } }')).rejects.toThrow(/invalid_scope/);
    const { errors } = await bank.tael.query('{ partnerAccounts(first: 1) { edges { cursor } } }').catch((error: Error) => ({ errors: [error.message] }));
    expect(JSON.stringify(errors)).toMatch(/FORBIDDEN/);
  });

  it('finds nothing of people there', async () => {
    const bank = await newBank('Ostbank');
    await expect(bank.tael.query('{ viewer { id } }')).rejects.toThrow(/viewer/);
    await expect(bank.tael.query('{ partner { auditTrail(first: 1) { edges { cursor } } } }')).rejects.toThrow(/auditTrail/);
  });

  it('is shut out at once where an operator revokes its key', async () => {
    const bank = await newBank('Westbank');
    const staff = await operator();
    await must(staff.client, `mutation ($input: RevokePartnerKeyInput!) { revokePartnerKey(input: $input) { userErrors { code } } }`,
      { input: { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.key.kid, reason: 'lost' } });
    await eventually(() => expect(bank.tael.query('{ partner { id } }')).rejects.toThrow(/401|refused|invalid/), { describe: 'the token is refused', timeoutMs: 10_000 });
    bank.tael.forgetToken();
    await expect(bank.tael.query('{ partner { id } }')).rejects.toThrow(/invalid_client/);
  });
});
