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

  constructor(private readonly compose: Compose<Version>) {}

  /** Takes these in with those that are taken; gives why it cannot. */
  private async take(more: readonly Version[]): Promise<string | undefined> {
    try {
      const all = [...this.taken, ...more];
      this.supergraph = await this.compose(all);
      this.taken = all;
      return undefined;
    } catch (error) {
      // Anything else is no bank's doing.
      if (error instanceof DoesNotCompose || error instanceof TooHardToCompose) return error.message;
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
 * later one is left out, or stays what it was.
 */
export async function composeFitting<Version>(banks: readonly Versions<Version>[], compose: Compose<Version>): Promise<Fit<Version>> {
  const fitting = new Fitting(compose);
  await fitting.add(banks);
  const { supergraph, taken, leftOut } = fitting;
  return { supergraph, taken, leftOut };
}
