import { change } from './graph.mjs';

/** Merchants with ISO 18245 codes: books, groceries, coffee, a pharmacy, a cinema. */
export const SHOPS = /** @type {const} */ ([
  { name: 'Blue Door Books', categoryCode: '5942' },
  { name: 'Harbor Grocery', categoryCode: '5411' },
  { name: 'Corner Coffee', categoryCode: '5814' },
  { name: 'Greenleaf Pharmacy', categoryCode: '5912' },
  { name: 'Lantern Cinema', categoryCode: '7832' },
]);

const LIST = `query SeedMerchants($search: String!) {
  merchants(first: 100, search: $search) { edges { node { id name categoryCode status } } } }`;
const REGISTER = `mutation SeedRegister($input: RegisterMerchantInput!) {
  registerMerchant(input: $input) { merchant { id name status } userErrors { code message field } } }`;
const ACTIVATE = `mutation SeedActivate($input: ActivateMerchantInput!) {
  activateMerchant(input: $input) { merchant { id status } userErrors { code message field } } }`;

/**
 * Registers and activates the demo merchants that are missing.
 * @param {{ merchant: import('./graph.mjs').Ask, operator: import('./graph.mjs').Ask }} callers
 * @returns {Promise<Record<string, string>>} ids by name
 */
export async function ensureShops({ merchant, operator }) {
  /** @type {Record<string, string>} */
  const ids = {};
  for (const { name, categoryCode } of SHOPS) {
    const found =
      (await findShop(merchant, { name, categoryCode })) ?? (await findShop(operator, { name, categoryCode }));
    const shop = found ?? (await change(merchant, REGISTER, { name, categoryCode, currency: 'USD' })).merchant;
    if (shop.status !== 'ACTIVE') await change(operator, ACTIVATE, { merchantId: shop.id });
    ids[name] = shop.id;
  }
  return ids;
}

/**
 * @param {import('./graph.mjs').Ask} ask
 * @param {{ name: string, categoryCode: string }} shop
 */
async function findShop(ask, { name, categoryCode }) {
  const { merchants } = await ask(LIST, { search: name });
  const nodes = merchants.edges.map((/** @type {any} */ edge) => edge.node);
  return nodes.find((/** @type {any} */ node) => node.name === name && node.categoryCode === categoryCode);
}
