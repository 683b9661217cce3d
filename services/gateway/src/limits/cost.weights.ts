/** Entries of a list that names no size, where the schema tells nothing better. */
export const UNSIZED_LIST = 10;
/** The page that a connection gives where nobody says how long it should be. */
export const DEFAULT_PAGE = 20;
/** The longest page that the graph gives. */
export const PAGE_MAX = 100;

/** What a root field costs besides what is selected below it. */
export const ROOT_COST = { query: 1, mutation: 10, subscription: 10 } as const;
/** The whole schema is about 100 KiB of answer. */
export const INTROSPECTION_COST = 100;

/** Fields that hash a password, write a file of up to 10,000 lines, draw pictures, compose a graph or carry 128 KiB, and so cost far more than a read. */
export const DEAR_FIELDS: Readonly<Record<string, number>> = {
  'Mutation.signIn': 50,
  'Mutation.signUp': 50,
  'Mutation.resetPassword': 50,
  'Mutation.beginTotp': 50,
  // The old one and the new one.
  'Mutation.changePassword': 100,
  // A page of the usual length fits into one operation.
  'Statement.document': 100,
  'PartnerStatement.document': 100,
  'Settlement.document': 100,
  'Query.promotionKit': 50,
  'Mutation.publishSubgraph': 500,
  'Mutation.approveSubgraph': 500,
  'Mutation.addMerchantDocumentChunk': 100,
  'Mutation.addDisputeDocumentChunk': 100,
  'MerchantDocument.content': 100,
  'DisputeDocument.content': 100,
};

/** Entries to reckon with in lists without a size, by the type of their entries. */
export const EXPECTED_ENTRIES: Readonly<Record<string, number>> = {
  UserError: 1,
  Benefit: 2,
  RewardCondition: 4,
  RewardDecision: 4,
  Wallet: 5,
  PaymentMethod: 5,
  Money: 5,
  // Rewards gives the hundred newest.
  Referral: 100,
};
