import type { Asker } from './rate.service';
import { networkOf } from './rate.domain';

export interface LiveRules {
  /** Sockets and event streams that one person may hold open. */
  readonly perPerson: number;
  /** Sockets and event streams that those of a network hold who are not signed in. */
  readonly perNetwork: number;
}

/** Counts sockets and event streams that stay open. */
export interface LiveConnections {
  /** Takes a place and gives what gives it back, or null where there is none left. */
  open(asker: Asker): (() => void) | null;
  size(): number;
}

export function createLiveConnections({ perPerson, perNetwork }: LiveRules): LiveConnections {
  const open = new Map<string, number>();
  return {
    open({ principal, address }) {
      const key = principal ? `person ${principal.personId}` : `network ${networkOf(address)}`;
      const count = open.get(key) ?? 0;
      if (count >= (principal ? perPerson : perNetwork)) return null;
      open.set(key, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = open.get(key)! - 1;
        if (left === 0) open.delete(key);
        else open.set(key, left);
      };
    },
    size: () => [...open.values()].reduce((sum, count) => sum + count, 0),
  };
}
