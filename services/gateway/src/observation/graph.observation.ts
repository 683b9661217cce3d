import type { Identity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { counter, histogram } from '@tael/platform/metrics';
import { isTracing, traced } from '@tael/platform/telemetry';
import type { Answer, Graph, OperationRequest } from '../graph/graph.runtime';
import { createOperationLabels } from './operation.label';
import { refusalCodes } from './refusals.domain';

const seconds = histogram({
  name: 'tael_graphql_request_seconds',
  help: 'Time of a GraphQL request at this service, by operation.',
  labels: ['operation'],
});
const failures = counter({
  name: 'tael_graphql_errors_total',
  help: 'GraphQL errors that left this service, by operation and code.',
  labels: ['operation', 'code'],
});

const refusals = counter({
  name: 'tael_graphql_refusals_total',
  help: 'Refusals (userErrors) that left this service, by operation and code.',
  labels: ['operation', 'code'],
});

/** The name that a client gave its operation; only what is short and plain goes into the log. */
const PLAIN_NAME = /^\w{1,64}$/;

const codesOf = (answer: Answer): string[] =>
  answer.kind === 'stream' ? [] : (answer.result.errors ?? []).map((error) => String(error.extensions?.['code']));

/** What came of an operation, as figures and the log tell it. */
interface Told {
  operation: string;
  codes: readonly string[];
  refused: readonly string[];
}

interface Begun extends Pick<Identity, 'reference' | 'partner'> {
  readonly begun: number;
}

/** Counts, logs and traces every operation, from whatever door it came: one line each, without anything that was sent. */
export function observeGraph(current: () => Graph, log: Logger): () => Graph {
  const labelOf = createOperationLabels();

  function told(answer: Answer, request: OperationRequest): Told {
    const operation = answer.kind === 'refused' ? 'refused' : labelOf(request.query, request.operationName);
    return { operation, codes: codesOf(answer), refused: answer.kind === 'executed' ? refusalCodes(answer.result.data) : [] };
  }

  function count({ operation, codes, refused }: Told, request: OperationRequest, at: Begun): void {
    const elapsed = performance.now() - at.begun;
    seconds.observe({ operation }, elapsed / 1_000);
    for (const code of codes) failures.inc({ operation, code });
    for (const code of refused) refusals.inc({ operation, code });
    const name = request.operationName && PLAIN_NAME.test(request.operationName) ? { name: request.operationName } : {};
    const milliseconds = Math.round(elapsed * 10) / 10;
    const partner = at.partner ? { partner: at.partner.partnerId, client: at.partner.clientId } : {};
    const refusedFor = refused.length > 0 ? { refused } : {};
    log.info({ reference: at.reference, operation, ...name, ...partner, milliseconds, codes, ...refusedFor }, 'request');
  }

  const execute: Graph['execute'] = async (request, identity, method, markOf) => {
    const at: Begun = { reference: identity.reference, partner: identity.partner, begun: performance.now() };
    if (!isTracing()) {
      const answer = await current().execute(request, identity, method, markOf);
      count(told(answer, request), request, at);
      return answer;
    }
    return traced({ name: 'operation', kind: 'internal', parent: identity.traceparent }, async (span) => {
      const traceparent = span?.traceparent ?? identity.traceparent;
      const answer = await current().execute(request, { ...identity, traceparent }, method, markOf);
      const tale = told(answer, request);
      if (span) {
        span.name = tale.operation;
        if (tale.codes[0]) span.fault = tale.codes[0];
      }
      count(tale, request, at);
      return answer;
    });
  };

  const observed: Graph = { execute, retire: () => current().retire() };
  return () => observed;
}
