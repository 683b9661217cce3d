import type { Tx } from '@tael/platform/postgres';
import type { PushSubscriptionService } from '../channels/push-subscription.service';
import type { MerchantService } from '../merchants/merchant.service';
import type { Person, PersonService } from '../people/person.service';
import { DEFAULT_PREFERENCES, type Preferences } from '../preferences/preferences.domain';
import type { PreferencesService } from '../preferences/preferences.service';

/** What is known of those whom messages are about, read once for all of them. */
export interface MessageSubjects {
  person(id: string): Person | undefined;
  /** The name of a merchant, undefined where it is not known yet. */
  merchant(id: string): string | undefined;
  preferences(personId: string): Preferences;
  /** Whether a person has a browser that takes pushes. */
  hasBrowser(personId: string): boolean;
}

export interface MessageFactsParts {
  readonly people: PersonService;
  readonly merchants: MerchantService;
  readonly preferences: PreferencesService;
  readonly subscriptions: PushSubscriptionService;
}

interface About {
  readonly personId: string;
  readonly merchantId: string | null;
  readonly counterpartyId: string | null;
}

const distinct = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];

/** Reads what the gates and the texts of these messages need: one query a kind, however many there are. */
export async function readSubjects(
  tx: Tx,
  parts: MessageFactsParts,
  messages: readonly About[],
): Promise<MessageSubjects> {
  const receivers = distinct(messages.map(({ personId }) => personId));
  const everybody = distinct([...receivers, ...messages.map(({ counterpartyId }) => counterpartyId)]);
  const people = await parts.people.findAll(tx, everybody);
  const merchants = await parts.merchants.namesOf(tx, distinct(messages.map(({ merchantId }) => merchantId)));
  const preferences = await parts.preferences.ofAll(receivers, tx);
  const browsers = await parts.subscriptions.whoHas(receivers, tx);
  return {
    person: (id) => people.get(id),
    merchant: (id) => merchants.get(id),
    preferences: (personId) => preferences.get(personId) ?? DEFAULT_PREFERENCES,
    hasBrowser: (personId) => browsers.has(personId),
  };
}
