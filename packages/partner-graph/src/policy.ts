/** What a bank's subgraph may do in the graph. One policy for all banks: an exception would be a rule that nobody reads. */
export interface GraphPolicy {
  /** Entities of ours that a bank may add fields to. */
  readonly extendable: readonly string[];
  /** Scalars of ours that a bank may use. */
  readonly scalars: readonly string[];
  readonly sdlBytesMax: number;
  readonly typesMax: number;
  /** What one field that a bank adds may cost with all that is below it, in the gateway's units: an object is 1, times the lengths of its lists. */
  readonly costMax: number;
}

export const PARTNER_POLICY: GraphPolicy = {
  extendable: ['Merchant', 'Transaction', 'Wallet'],
  scalars: ['CurrencyCode', 'DateTime', 'Decimal'],
  sdlBytesMax: 64 * 1024,
  typesMax: 60,
  costMax: 500,
};

export const VIOLATION_CODES = [
  'SLUG',
  'SDL_TOO_LARGE',
  'SYNTAX',
  'LINK',
  'DIRECTIVE',
  'ROOT_OPERATION',
  'ROOT_FIELD',
  'TYPE_NAME',
  'TOO_MANY_TYPES',
  'TYPE_NOT_EXTENDABLE',
  'FIELD_NAME',
  'FIELD_NOT_NULLABLE',
  'KEY',
  'OVERRIDE',
  'SHAREABLE',
  'COST',
  'COMPOSITION',
  'BREAKING_CHANGE',
] as const;
export type ViolationCode = (typeof VIOLATION_CODES)[number];

/** Why a subgraph is not taken: a stable code, the place in its schema, and what to do. */
export interface Violation {
  readonly code: ViolationCode;
  /** A coordinate such as `Wallet.nordbankCredit`; empty where it is the schema as a whole. */
  readonly place: string;
  readonly message: string;
}

/** How the names of a bank are made of its slug: three to twenty letters and digits, such as `nordbank`. */
export interface Names {
  readonly slug: string;
  /** What its types begin with: `Nordbank`. */
  readonly type: string;
}

const SLUG = /^[a-z][a-z0-9]{2,19}$/;

/** Gives the names of a bank, or null where the slug is none. */
export function namesOf(slug: string): Names | null {
  return SLUG.test(slug) ? { slug, type: slug[0]!.toUpperCase() + slug.slice(1) } : null;
}
