export const MERCHANT_ROLES = ['OWNER', 'MANAGER', 'CASHIER'] as const;
export type MerchantRole = (typeof MERCHANT_ROLES)[number];

/** What somebody may do for a merchant here; what they may refund, accounts decides by the roles that it is told. */
export type Permission = 'PEOPLE' | 'STORES' | 'SHOP_CODES' | 'PAYMENT_CODES';

const PERMISSIONS: Readonly<Record<MerchantRole, readonly Permission[]>> = {
  OWNER: ['PEOPLE', 'STORES', 'SHOP_CODES', 'PAYMENT_CODES'],
  MANAGER: ['STORES', 'SHOP_CODES', 'PAYMENT_CODES'],
  CASHIER: ['SHOP_CODES', 'PAYMENT_CODES'],
};

export const PEOPLE_MAX = 200;
export const INVITATIONS_MAX = 50;
export const INVITATION_DAYS = 7;

export interface MerchantPerson {
  readonly personId: string;
  readonly role: MerchantRole;
}

/** Who is asking: their role at the merchant, if any, and whether they are an operator, who may do all of it. */
export interface Actor {
  readonly role: MerchantRole | undefined;
  readonly isOperator: boolean;
}

export type Denial = 'NOT_FOUND' | 'NOT_ALLOWED';

/**
 * Says why somebody may not; undefined where they may. For whoever has no part in the merchant it does not exist. An operator who has a part in
 * it decides about its people by that part alone: nobody makes themselves an owner.
 */
export function denialOf(actor: Actor, permission: Permission): Denial | undefined {
  if (actor.isOperator && (permission !== 'PEOPLE' || !actor.role)) return undefined;
  if (!actor.role) return 'NOT_FOUND';
  return PERMISSIONS[actor.role].includes(permission) ? undefined : 'NOT_ALLOWED';
}

export type RoleRefusal = {
  readonly code: 'NOT_FOUND' | 'NOT_ALLOWED' | 'ALREADY_EXISTS' | 'LIMIT_EXCEEDED';
  readonly reason?: 'LAST_OWNER' | 'PEOPLE' | 'OWN_MERCHANT' | 'CODE_OF_OPERATOR';
};

const isLastOwner = (people: readonly MerchantPerson[], personId: string): boolean =>
  people.every((person) => (person.role === 'OWNER') === (person.personId === personId));

/** Decides whether somebody is taken out: a merchant that has an owner never loses the last. */
export function decideRemoval(people: readonly MerchantPerson[], personId: string): RoleRefusal | undefined {
  if (!people.some((person) => person.personId === personId)) return { code: 'NOT_FOUND' };
  return isLastOwner(people, personId) ? { code: 'NOT_ALLOWED', reason: 'LAST_OWNER' } : undefined;
}

/** Decides whether somebody gets another role: UNCHANGED where they have it. */
export function decideRoleChange(people: readonly MerchantPerson[], { personId, role }: MerchantPerson): RoleRefusal | 'CHANGE' | 'UNCHANGED' {
  const present = people.find((person) => person.personId === personId);
  if (!present) return { code: 'NOT_FOUND' };
  if (present.role === role) return 'UNCHANGED';
  return isLastOwner(people, personId) ? { code: 'NOT_ALLOWED', reason: 'LAST_OWNER' } : 'CHANGE';
}

/** Who brings a code, and whose it is. */
export interface Joining {
  readonly personId: string;
  readonly isOperator: boolean;
  readonly invitation: { readonly createdBy: string; readonly byOperator: boolean };
}

/** Decides whether somebody who brings a good code joins: with what an operator made no operator, nor whoever made it, lets themselves in. */
export function decideJoining(people: readonly MerchantPerson[], { personId, isOperator, invitation }: Joining): RoleRefusal | undefined {
  if (people.some((person) => person.personId === personId)) return { code: 'ALREADY_EXISTS' };
  if (invitation.byOperator && (isOperator || invitation.createdBy === personId)) return { code: 'NOT_ALLOWED', reason: 'CODE_OF_OPERATOR' };
  return people.length >= PEOPLE_MAX ? { code: 'LIMIT_EXCEEDED', reason: 'PEOPLE' } : undefined;
}

const owners = (people: readonly MerchantPerson[]): string[] => people.filter(({ role }) => role === 'OWNER').map(({ personId }) => personId);

/** Gives the people with one of them in another role; null is in none. */
export function withRole(people: readonly MerchantPerson[], { personId, role }: { personId: string; role: MerchantRole | null }): MerchantPerson[] {
  const others = people.filter((person) => person.personId !== personId);
  return role ? [...others, { personId, role }] : others;
}

/** Gives who hears of a change of a merchant's people: whom it is about, and the owners, those of before and those of after, each once. */
export function toldOf(people: readonly MerchantPerson[], change: { personId: string; role: MerchantRole | null }): string[] {
  return [...new Set([change.personId, ...owners(people), ...owners(withRole(people, change))])];
}

// Crockford's alphabet: no letter that is taken for a digit.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 20;
export const CODE_BYTES = CODE_LENGTH;

/** Writes random bytes as a code of 100 bits that can be read aloud: five groups of four. */
export function joinCode(bytes: Uint8Array): string {
  const letters = Array.from(bytes.subarray(0, CODE_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

/** Gives a code as it was made, however it was typed; undefined where it cannot be one. */
export function readJoinCode(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const isCode = letters.length === CODE_LENGTH && [...letters].every((letter) => ALPHABET.includes(letter));
  return isCode ? letters.replace(/(.{4})(?=.)/g, '$1-') : undefined;
}
