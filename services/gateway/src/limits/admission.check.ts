import { type DocumentNode, getOperationAST, GraphQLError, type GraphQLSchema } from 'graphql';
import { planCost } from './cost.analysis';
import { type CostPlan, costOf, hasGoodPages, type Variables } from './cost.plan';
import { PAGE_MAX } from './cost.weights';
import type { Asker, Rates } from './rate.service';

/** An operation that has passed validation and is about to run. */
export interface ValidOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Variables | null | undefined;
}

/** Decides whether a valid operation may run, before any subgraph is asked. */
export interface Admission {
  /**
   * Gives the cost of the operation and counts it for the caller.
   * @throws GraphQLError with code COST_LIMIT_EXCEEDED, RATE_LIMITED or BAD_USER_INPUT
   */
  admit(operation: ValidOperation, asker: Asker): number;
  /** What one operation of a caller may cost. */
  costMaxOf(asker: Asker): number;
}

export const retryAfterSeconds = (waitMs: number): number => Math.max(1, Math.ceil(waitMs / 1_000));

export const RATE_MESSAGE = 'Too many requests. Try again later.';

function rateLimited(waitMs: number): GraphQLError {
  const extensions = { code: 'RATE_LIMITED', retryAfterSeconds: retryAfterSeconds(waitMs) };
  return new GraphQLError(RATE_MESSAGE, { extensions });
}

function tooDear(requested: number, allowed: number): GraphQLError {
  const message = `The operation costs ${requested}; ${allowed} is allowed. Ask for shorter pages or fewer fields.`;
  return new GraphQLError(message, { extensions: { code: 'COST_LIMIT_EXCEEDED', cost: { requested, allowed } } });
}

/** Makes the check of cost and rate. What does not depend on variables is worked out once a document. */
export function createAdmission(options: { costMax: number; rates: Rates }): Admission {
  const { costMax, rates } = options;
  const costMaxOf = (asker: Asker): number => rates.costMaxOf(asker) ?? costMax;
  const plans = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, Map<string, CostPlan>>>();

  function planOf({ schema, document, operationName }: ValidOperation): CostPlan | undefined {
    const documents = plans.get(schema) ?? new WeakMap<DocumentNode, Map<string, CostPlan>>();
    plans.set(schema, documents);
    const operations = documents.get(document) ?? new Map<string, CostPlan>();
    documents.set(document, operations);
    const known = operations.get(operationName ?? '');
    if (known) return known;
    const operation = getOperationAST(document, operationName);
    if (!operation) return undefined;
    const plan = planCost(schema, document, operation);
    operations.set(operationName ?? '', plan);
    return plan;
  }

  return {
    admit(operation, asker) {
      const plan = planOf(operation);
      // An operation that the document does not have is refused when it should run.
      if (!plan) return 0;
      const variables = operation.variables ?? {};
      if (!hasGoodPages(plan, variables)) {
        const extensions = { code: 'BAD_USER_INPUT', field: ['first'] };
        throw new GraphQLError(`\`first\` must be from 1 to ${PAGE_MAX}.`, { extensions });
      }
      const cost = Math.max(1, costOf(plan, variables));
      const allowed = costMaxOf(asker);
      if (cost > allowed) throw tooDear(cost, allowed);
      const waitMs = rates.take(asker, cost);
      if (waitMs > 0) throw rateLimited(waitMs);
      return cost;
    },
    costMaxOf,
  };
}
