/** What the gateway reads of the planner's plans. */
export interface QueryPlan {
  readonly node?: PlanNode;
}

export type PlanNode = FetchNode | { readonly kind: 'Sequence' | 'Parallel' | 'Flatten' | 'BatchFetch' | 'Condition' | 'Subscription' | 'Defer' };

export interface FetchNode {
  readonly kind: 'Fetch';
  readonly serviceName: string;
  readonly variableUsages?: readonly string[];
  readonly operationKind?: string;
  readonly operation: string;
  readonly requires?: readonly unknown[];
  readonly inputRewrites?: readonly unknown[];
  readonly outputRewrites?: readonly unknown[];
}
