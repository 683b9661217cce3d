import { ask } from './client.mjs';

const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }`;
const CREATE = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id } userErrors { code message } } }`;
const ACTIVATE = `mutation ($input: ActivateCampaignInput!) { activateCampaign(input: $input) { campaign { status } userErrors { code message } } }`;

/** Makes a campaign that gives something back for every payment to these merchants, so that each payment is measured to its end. */
export async function startCashback(url, operator, merchantIds) {
  const { signIn } = await ask(url, SIGN_IN, { input: { email: operator.email, password: operator.password } });
  const headers = { authorization: `Bearer ${signIn.session.accessToken}` };
  const input = {
    name: 'Bench: 5 % of every payment', currency: 'USD', budget: { amount: '1000000.00', currency: 'USD' },
    conditions: { merchantIds }, cashback: { rateBasisPoints: 500 },
  };
  const { createCampaign } = await ask(url, CREATE, { input }, headers);
  await ask(url, ACTIVATE, { input: { campaignId: createCampaign.campaign.id } }, headers);
}
