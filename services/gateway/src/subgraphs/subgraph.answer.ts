import type { SubgraphAnswer } from './subgraph.connection';
import { fromSubgraph, type SubgraphError, subgraphBusy, subgraphFault, subgraphUnavailable } from './subgraph.errors';
import type { SubscriptionEvent } from './subgraph.subscription';
import { isBusy } from './subgraph.instance';

const AWAY = new Set([502, 503, 504]);

/** Reads the answer of a subgraph: its data, its errors, or the error that there is neither. */
export function parseAnswer(answer: SubgraphAnswer): SubscriptionEvent {
  if (isBusy(answer)) return { errors: [subgraphBusy(answer.retryAfter ?? 1)] };
  if (AWAY.has(answer.status)) return { errors: [subgraphUnavailable(`status ${answer.status}`)] };
  if (answer.status === 401) return { errors: [subgraphFault('the subgraph refused the signed identity')] };
  let body: { data?: unknown; errors?: unknown } | null;
  try {
    body = JSON.parse(answer.body.toString('utf8')) as typeof body;
  } catch {
    return { errors: [subgraphFault(`the subgraph answered ${answer.status} and no JSON`)] };
  }
  if (Array.isArray(body?.errors)) {
    return { data: body.data, errors: body.errors.map((error) => fromSubgraph(error as SubgraphError)) };
  }
  if (body?.data === undefined) {
    return { errors: [subgraphFault(`the subgraph answered ${answer.status} and no result`)] };
  }
  return { data: body.data };
}
