import { createHash, randomBytes } from 'node:crypto';
import type { Identity } from '@tael/platform/identity';
import { somebody, type Subject } from './support';

export const BUSINESS = {
  legalName: 'Corner Coffee Limited', tradingName: 'Corner Coffee', categoryCode: '5814', country: 'GB', currency: 'GBP', registrationNumber: '01234567',
  owners: [{ name: 'Mara Merchant', share: 100 }],
};
const CHUNK = 128 * 1024;

const SHOWN = `application { id status applicantId merchantId message business { legalName tradingName owners { name share } } submittedAt decidedAt
  documents { id kind size sha256 mediaType nextChunk chunkCount stored message } } userErrors { code field message }`;
const DOCUMENT = 'document { id kind nextChunk chunkCount stored mediaType sha256 size } userErrors { code field message }';

/** A file that begins as a PDF, unlike any other. */
export function pdf(size: number): Buffer {
  return Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size)]).subarray(0, size);
}

/** What tests of onboarding do, through the API. */
export function onboardingOf(subject: Subject) {
  async function mutate(as: Identity, name: string, input: object, selection = SHOWN): Promise<any> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const shared: Record<string, string> = {
      submitMerchantApplication: 'MerchantApplicationInput',
      takeMerchantApplication: 'MerchantApplicationInput', releaseMerchantApplication: 'ReviewMerchantApplicationInput',
      approveMerchantApplication: 'ReviewMerchantApplicationInput',
    };
    const answer = await subject.ask(as, `mutation ($input: ${shared[name] ?? type}!) { ${name}(input: $input) { ${selection} } }`, { input });
    return answer.errors ? answer : answer.data[name];
  }
  const self = {
    mutate,
    begin: (as: Identity, input: object = {}) => mutate(as, 'beginMerchantApplication', { business: BUSINESS, ...input }),
    announce: (as: Identity, applicationId: string, kind: string, content: Buffer, change: object = {}) =>
      mutate(as, 'addMerchantDocument', {
        applicationId, kind, size: content.length, sha256: createHash('sha256').update(content).digest('hex'), ...change,
      }, DOCUMENT),
    chunk: (as: Identity, documentId: string, number: number, content: Buffer | string) =>
      mutate(as, 'addMerchantDocumentChunk', {
        documentId, number,
        content: typeof content === 'string' ? content : content.subarray(number * CHUNK, (number + 1) * CHUNK).toString('base64'),
      }, DOCUMENT),
    async upload(as: Identity, applicationId: string, kind: string, content = pdf(200)): Promise<string> {
      const { document } = await self.announce(as, applicationId, kind, content);
      for (let number = 0; number * CHUNK < content.length; number += 1) {
        const { userErrors } = await self.chunk(as, document.id, number, content);
        expect(userErrors).toEqual([]);
      }
      return document.id;
    },
    /** An application that waits for an operator. */
    async submitted(as: Identity = somebody(), input: object = {}): Promise<{ as: Identity; id: string; documents: Record<string, string> }> {
      const { application } = await self.begin(as, input);
      const documents: Record<string, string> = {};
      for (const kind of ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF']) documents[kind] = await self.upload(as, application.id, kind);
      expect(await mutate(as, 'submitMerchantApplication', { applicationId: application.id })).toMatchObject({ userErrors: [], application: { status: 'SUBMITTED' } });
      return { as, id: application.id, documents };
    },
    async read(as: Identity, id: string, selection: string): Promise<any> {
      const answer = await subject.ask(as, `query ($id: ID!) { merchantApplication(id: $id) { ${selection} } }`, { id });
      expect(answer.errors).toBeUndefined();
      return answer.data.merchantApplication;
    },
    async merchant(as: Identity, id: string): Promise<any> {
      const answer = await subject.ask(as, 'query ($id: ID!) { merchant(id: $id) { id name status verification viewerRole } }', { id });
      expect(answer.errors).toBeUndefined();
      return answer.data.merchant;
    },
    /** What the trail says, oldest first. */
    async trail(as: Identity, id: string): Promise<any[]> {
      const { auditTrail } = await self.read(as, id, 'auditTrail(first: 50) { edges { node { action actorId before after reason } } }');
      return auditTrail.edges.map(({ node }: any) => node).reverse();
    },
  };
  return self;
}

export const codes = ({ userErrors }: any): string[] => userErrors.map(({ code, field }: any) => `${code} ${field?.slice(1).join('.')}`);
