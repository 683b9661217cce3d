/** What is enough to know in which order a bus keeps a message: that of its key in its topic. */
interface Kept {
  readonly topic: string;
  readonly key: string;
}

// A fixed sequence of random numbers (the one of Park and Miller), so that a failure comes again.
function numbers(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

/**
 * Gives messages in an order in which a bus may deliver them: those of one key of one topic in theirs, all others crosswise, however far apart they were
 * sent.
 * @param options.times - how often each lane of a key is gone through, as by a consumer that begins anew
 */
export function interleaved<Message extends Kept>(
  messages: readonly Message[], { seed, times = 1 }: { readonly seed: number; readonly times?: number },
): Message[] {
  const lanes = new Map<string, Message[]>();
  for (const message of messages) {
    const name = `${message.topic} ${message.key}`;
    lanes.set(name, [...(lanes.get(name) ?? []), message]);
  }
  const next = numbers(seed);
  // A lane's places are drawn all at once and handed out from the first to the last: so it crosses the others and keeps its own order.
  const placed = [...lanes.values()].flatMap((lane) => {
    const all = Array.from({ length: times }, () => lane).flat();
    const places = all.map(() => next()).sort((a, b) => a - b);
    return all.map((message, index) => ({ message, place: places[index]! }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ message }) => message);
}
