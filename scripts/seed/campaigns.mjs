import { change } from './graph.mjs';

const usd = (/** @type {string} */ amount) => ({ amount, currency: 'USD' });

/** What the demo shops give; they act nowhere else. */
const CAMPAIGNS = [
  {
    name: 'Demo shops: 2.5 % back from 20.00 USD',
    budget: usd('10000.00'),
    conditions: { minimumAmount: usd('20.00') },
    effect: { cashback: { rateBasisPoints: 250, maximumPerPayment: usd('5.00') } },
  },
  {
    name: 'Demo shops: first payment without a fee',
    budget: usd('1000.00'),
    conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1 },
    effect: { feeWaiver: {} },
  },
];

const LIST = `query SeedCampaigns($after: String) {
  campaigns(first: 100, after: $after) { edges { node { id name status } } pageInfo { hasNextPage endCursor } } }`;
const CREATE = `mutation SeedCampaign($input: CreateCampaignInput!) {
  createCampaign(input: $input) { campaign { id name status } userErrors { code message field } } }`;
const ACTIVATE = `mutation SeedActivateCampaign($input: ActivateCampaignInput!) {
  activateCampaign(input: $input) { campaign { id status } userErrors { code message field } } }`;

/**
 * Creates and activates the demo campaigns that are missing. One that somebody paused stays paused.
 * @param {import('./graph.mjs').Ask} operator
 * @param {string[]} merchantIds
 */
export async function ensureCampaigns(operator, merchantIds) {
  const present = await allCampaigns(operator);
  for (const { name, budget, conditions, effect } of CAMPAIGNS) {
    const input = { name, currency: 'USD', budget, conditions: { ...conditions, merchantIds }, ...effect };
    const campaign = present.get(name) ?? (await change(operator, CREATE, input)).campaign;
    if (campaign.status === 'DRAFT') await change(operator, ACTIVATE, { campaignId: campaign.id });
  }
}

/**
 * @param {import('./graph.mjs').Ask} operator
 * @returns {Promise<Map<string, { id: string, status: string }>>} by name
 */
async function allCampaigns(operator) {
  const found = new Map();
  for (let after = null; ;) {
    const { campaigns } = await operator(LIST, { after });
    for (const { node } of campaigns.edges) found.set(node.name, node);
    if (!campaigns.pageInfo.hasNextPage) return found;
    after = campaigns.pageInfo.endCursor;
  }
}
