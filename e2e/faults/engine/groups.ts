import { TOPICS } from '@tael/events';
import type { Bus } from '@tael/platform/bus';

/** What each consumer group reads. A group that is not here makes every verdict red: see {@link strangersOf}. */
export const SUBSCRIPTIONS: Readonly<Record<string, readonly string[]>> = {
  accounts: [TOPICS.merchants, TOPICS.rewards],
  'merchants-webhooks': [TOPICS.payments, TOPICS.accounts, TOPICS.merchants],
  rewards: [TOPICS.accounts, TOPICS.payments],
  notifications: [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards],
};

/** Whoever reads a topic once, and who replays dead letters: they are nobody's consumer. */
const PASSERS_BY = /^tael-read-|\.replay$/;

/** What the bus knows of groups and {@link SUBSCRIPTIONS} does not, or the other way about: whatever is not listed is not looked at. */
export async function strangersOf(bus: Pick<Bus, 'groups'>): Promise<string[]> {
  const known = new Map((await bus.groups()).filter(({ group }) => !PASSERS_BY.test(group)).map(({ group, topics }) => [group, topics]));
  const missing = Object.keys(SUBSCRIPTIONS).filter((group) => !known.has(group));
  return [
    ...missing.map((group) => `the bus does not know the group ${group}`),
    ...[...known].flatMap(([group, topics]) => {
      const listed = SUBSCRIPTIONS[group];
      if (!listed) return [`the bus knows a group that the verdict does not: ${group}`];
      return topics.filter((topic) => !listed.includes(topic)).map((topic) => `${group} reads ${topic}, and the verdict does not know`);
    }),
  ];
}
