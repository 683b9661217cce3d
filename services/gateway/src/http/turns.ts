/** Begins work now, or in a later turn of the event loop. */
export type Turns = (work: () => void) => void;

/**
 * Lets at most `max` pieces of work begin in one turn of the event loop, in the order of their coming. libuv takes one new connection a turn (since
 * 1.45): where a turn begins all that a hundred busy connections have sent, a newcomer waits for as many turns as there are newcomers before it, and
 * those were measured to be a minute and more. With few pieces a turn it is a second or two, whatever others send.
 */
export function createTurns(max: number): Turns {
  const waiting: (() => void)[] = [];
  let begun = 0;
  let counting = false;

  function count(): void {
    if (counting) return;
    counting = true;
    setImmediate(next);
  }

  function next(): void {
    counting = false;
    for (begun = 0; begun < max && waiting.length > 0; begun++) waiting.shift()!();
    if (begun > 0) count();
  }

  return (work) => {
    count();
    if (waiting.length > 0 || begun >= max) return void waiting.push(work);
    begun++;
    work();
  };
}
