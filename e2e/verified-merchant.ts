import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { type Merchant, must, newMerchant, operator, type Person } from './world';

// How a business is looked at: what it says, its documents chunk by chunk, and an operator who approves them.

export const BUSINESS = {
  legalName: 'Harbour Books Limited', tradingName: 'Harbour Books', categoryCode: '5942', country: 'US', currency: 'USD', registrationNumber: 'C-1234567',
  owners: [{ name: 'Mara Merchant', share: 75 }, { name: 'Noor Partner', share: 25 }],
};
export const CHUNK = 128 * 1024;
const SHOWN = 'application { id status merchantId message documents { id kind stored } } userErrors { code field }';

/** Does a step of an application, and gives its payload. */
export async function applying(as: Person, name: string, type: string, input: object, shown = SHOWN): Promise<any> {
  return (await must<any>(as.client, `mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} } }`, { input }))[name];
}

/** Uploads a document; gives its id. */
export async function upload(as: Person, applicationId: string, kind: string, content: Buffer): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const { document } = await applying(as, 'addMerchantDocument', 'AddMerchantDocumentInput', { applicationId, kind, size: content.length, sha256 },
    'document { id chunkCount } userErrors { code field }');
  for (let number = 0; number < document.chunkCount; number += 1) {
    const part = content.subarray(number * CHUNK, (number + 1) * CHUNK).toString('base64');
    await applying(as, 'addMerchantDocumentChunk', 'AddMerchantDocumentChunkInput', { documentId: document.id, number, content: part },
      'document { stored } userErrors { code field }');
  }
  return document.id;
}

export const pdf = (size: number): Buffer => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size)]);
export const png = (): Buffer => Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), Buffer.from('IHDR'), randomBytes(400)]);

const HELD = 'query ($id: ID!) { merchant(id: $id) { verification payoutHold { reason } } }';

/** Has a merchant verified, by an application of its owner that an operator approves. */
export async function verify({ id, owner }: Merchant, staff?: Person): Promise<void> {
  const begun = await applying(owner, 'beginMerchantApplication', 'BeginMerchantApplicationInput', { merchantId: id, business: BUSINESS });
  const applicationId: string = begun.application.id;
  await upload(owner, applicationId, 'REGISTRATION', pdf(500));
  await upload(owner, applicationId, 'OWNER_IDENTITY', png());
  await upload(owner, applicationId, 'BANK_PROOF', pdf(500));
  await applying(owner, 'submitMerchantApplication', 'MerchantApplicationInput', { applicationId });
  const reviewer = staff ?? (await operator());
  await applying(reviewer, 'takeMerchantApplication', 'MerchantApplicationInput', { applicationId });
  await applying(reviewer, 'approveMerchantApplication', 'ReviewMerchantApplicationInput', { applicationId, reason: 'All is there' });
  await eventually(async () => {
    const { merchant } = await must<any>(owner.client, HELD, { id });
    expect(merchant.verification).toBe('VERIFIED');
    expect(merchant.payoutHold?.reason).not.toBe('NOT_VERIFIED');
  }, { describe: 'accounts knows that the merchant is verified', timeoutMs: 15_000 });
}

/** A merchant that is open and verified. */
export async function newVerifiedMerchant(): Promise<Merchant> {
  const merchant = await newMerchant();
  await verify(merchant);
  return merchant;
}
