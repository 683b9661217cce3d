import { PAGE_MAX } from './cost.weights';

export type Variables = Readonly<Record<string, unknown>>;

/** How often something is asked for: a number, or what a variable says. */
export type Size = number | { readonly variable: string; readonly fallback: number };

/** Counts where a variable is this. */
export interface Condition {
  readonly variable: string;
  readonly is: boolean;
  /** What the variable is where the request leaves it out. */
  readonly fallback: boolean;
}

/** Something whose cost depends on variables: `times * (fixed + the parts)` where all conditions hold. */
export interface Step {
  readonly index: number;
  readonly times: Size;
  readonly fixed: number;
  readonly parts: readonly Step[];
  readonly conditions: readonly Condition[];
}

/** A part of an operation: a number where no variable changes its cost. */
export type Term = number | Step;

/** What an operation costs, worked out as far as it can be without its variables. */
export interface CostPlan {
  readonly cost: Term;
  /** Every step, those that others stand on first. */
  readonly steps: readonly Step[];
  /** Variables that say how long a page is. */
  readonly pageVariables: readonly string[];
  /** A page whose length stands in the document and is none. */
  readonly badPage: boolean;
}

const isPage = (length: unknown): boolean =>
  typeof length !== 'number' || (Number.isInteger(length) && length >= 1 && length <= PAGE_MAX);

// What is no number is refused when the operation runs; until then it counts as the most there could be.
function sizeOf(size: Size, variables: Variables): number {
  if (typeof size === 'number') return size;
  const given = variables[size.variable];
  if (given === undefined || given === null) return size.fallback;
  return typeof given === 'number' && given >= 0 ? given : PAGE_MAX;
}

function holds({ variable, is, fallback }: Condition, variables: Variables): boolean {
  const given = variables[variable];
  return (given === undefined ? fallback : given === true) === is;
}

/** Gives the cost of an operation with its variables: in one pass, since a part may stand in many places. */
export function costOf(plan: CostPlan, variables: Variables): number {
  if (typeof plan.cost === 'number') return plan.cost;
  const values = new Float64Array(plan.steps.length);
  for (const { index, times, fixed, parts, conditions } of plan.steps) {
    if (!conditions.every((condition) => holds(condition, variables))) continue;
    const below = parts.reduce((sum, part) => sum + values[part.index]!, fixed);
    values[index] = sizeOf(times, variables) * below;
  }
  return values[plan.cost.index]!;
}

/** Says whether every page that is asked for has a length that the graph gives. */
export function hasGoodPages({ badPage, pageVariables }: CostPlan, variables: Variables): boolean {
  return !badPage && pageVariables.every((name) => isPage(variables[name]));
}
