import { DoesNotCompose, TooHardToCompose } from './graph.thread';

/** What a bank could be in the graph with, the one that is wished for first. */
export type Versions<Version> = readonly [Version, ...Version[]];

/** A bank whose wish does not fit. */
export interface LeftOut<Version> {
  readonly wished: Version;
  /** What is in the graph in its place; undefined where the bank is not in it. */
  readonly instead: Version | undefined;
  readonly reason: string;
}

export interface Fit<Version> {
  /** The graph with these; undefined where nobody is left, and it is the house alone. */
  readonly supergraph: string | undefined;
  readonly taken: readonly Version[];
  readonly leftOut: readonly LeftOut<Version>[];
}

type Compose<Version> = (versions: readonly Version[]) => Promise<string>;

/** Finds the banks that do not fit by halves: one in a hundred costs some fifteen compositions, not a hundred. */
class Fitting<Version> {
  taken: readonly Version[] = [];
  supergraph: string | undefined;
  readonly leftOut: LeftOut<Version>[] = [];

  constructor(private readonly compose: Compose<Version>, private readonly isRunning: (version: Version) => boolean) {}

  /** Takes these in with those that are taken; gives why it cannot. */
  private async take(more: readonly Version[]): Promise<string | undefined> {
    try {
      const all = [...this.taken, ...more];
      this.supergraph = await this.compose(all);
      this.taken = all;
      return undefined;
    } catch (error) {
      if (error instanceof DoesNotCompose) return error.message;
      // What runs was composed in time before: now the machine is the reason, and nobody is taken out for that.
      if (error instanceof TooHardToCompose && !more.every(this.isRunning)) return error.message;
      // Anything else is no bank's doing.
      throw error;
    }
  }

  async add(banks: readonly Versions<Version>[]): Promise<void> {
    if (banks.length === 0) return;
    const reason = await this.take(banks.map(([wished]) => wished));
    if (reason === undefined) return;
    if (banks.length === 1) return this.leaveOut(banks[0]!, reason);
    const middle = Math.ceil(banks.length / 2);
    await this.add(banks.slice(0, middle));
    await this.add(banks.slice(middle));
  }

  private async leaveOut([wished, ...others]: Versions<Version>, reason: string): Promise<void> {
    for (const instead of others) {
      if ((await this.take([instead])) !== undefined) continue;
      this.leftOut.push({ wished, instead, reason });
      return;
    }
    this.leftOut.push({ wished, instead: undefined, reason });
  }
}

/**
 * Composes the graph with as many banks as fit. Where not all do, those that come first win: of two that contradict each other the
 * later one is left out, or stays what it was. Rejects where the house alone does not compose, or what is running takes too long.
 */
export async function composeFitting<Version>(
  banks: readonly Versions<Version>[], compose: Compose<Version>, isRunning: (version: Version) => boolean = () => false,
): Promise<Fit<Version>> {
  const fitting = new Fitting(compose, isRunning);
  await fitting.add(banks);
  const { supergraph, taken, leftOut } = fitting;
  // Nobody fits into a house that is broken: that is not theirs to be told.
  if (leftOut.length > 0 && taken.length === 0) await compose([]);
  return { supergraph, taken, leftOut };
}
