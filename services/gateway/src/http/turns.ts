/** Begins work now, or in a later turn of the event loop. Work says whether it was any: what is none takes nobody's turn. */
export type Turns = (work: () => boolean) => void;

/** A head that has grown so far is cut off. */
const WORKED_OFF_MAX = 1_024;

/**
 * Lets at most `max` pieces of work begin in one turn of the event loop, in the order of their coming. libuv takes one new connection a turn (since
 * 1.45): where a turn begins all that a hundred busy connections have sent, a newcomer waits for as many turns as there are newcomers before it, and
 * those were measured to be a minute and more. With few pieces a turn it is a second or two, whatever others send.
 */
export function createTurns(max: number): Turns {
  let waiting: (() => boolean)[] = [];
  let head = 0;
  let begun = 0;
  let counting = false;

  function count(): void {
    if (counting) return;
    counting = true;
    setImmediate(next);
  }

  function next(): void {
    counting = false;
    begun = 0;
    try {
      while (begun < max && head < waiting.length) if (waiting[head++]!()) begun++;
    } finally {
      if (head === waiting.length || head > WORKED_OFF_MAX) {
        waiting = waiting.slice(head);
        head = 0;
      }
      if (begun > 0 || waiting.length > 0) count();
    }
  }

  return (work) => {
    count();
    if (waiting.length > 0 || begun >= max) waiting.push(work);
    else if (work()) begun++;
  };
}
