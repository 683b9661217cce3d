import type { ApolloServerPlugin } from '@apollo/server';
import type { Logger } from '@tael/platform/log';
import { counter, histogram } from '@tael/platform/metrics';
import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphContext } from './context';
import { maskError } from './errors';
import { operationLabel } from './operation.label';

const seconds = histogram({
  name: 'tael_graphql_request_seconds', help: 'Time of a GraphQL request at this service, by operation.', labels: ['operation'],
});
const failures = counter({
  name: 'tael_graphql_errors_total', help: 'GraphQL errors that left this service, by operation and code.', labels: ['operation', 'code'],
});

/** What came of a request, for whoever tells of it after. */
export interface Outcome {
  operation: string;
  /** The codes of its errors; empty where it has none. Refusals in userErrors are data and no errors. */
  codes: readonly string[];
}

function codeOf({ extensions }: GraphQLFormattedError): string {
  const code = extensions?.['code'];
  return typeof code === 'string' ? code : 'UNKNOWN';
}

function count({ operation, codes }: Outcome, startedAt: number): void {
  seconds.observe({ operation }, (performance.now() - startedAt) / 1_000);
  for (const code of codes) failures.inc({ operation, code });
}

function tell({ operation, codes }: Outcome, startedAt: number, log: Logger): void {
  log.debug({ operation, milliseconds: Math.round((performance.now() - startedAt) * 10) / 10, codes }, 'request');
}

/** Counts each request by operation, and masks the errors that leave. */
export function observeRequests<Loaders>(log: Logger): ApolloServerPlugin<SubgraphContext<Loaders>> {
  return {
    requestDidStart: async () => {
      const startedAt = performance.now();
      return {
        // formatError has no request at hand; here the reference of the request is known.
        willSendResponse: async ({ contextValue, response, errors, operation }) => {
          const { identity, outcome } = contextValue;
          const { body } = response;
          if (body.kind === 'single' && body.singleResult.errors) {
            const request = { reference: identity.reference, log: contextValue.log };
            body.singleResult.errors = body.singleResult.errors.map((formatted, index) =>
              maskError(formatted, errors?.[index], request),
            );
            outcome.codes = body.singleResult.errors.map(codeOf);
          }
          // An operation that was not valid has no name that could be trusted to be one of few.
          const executed = body.kind === 'single' && 'data' in body.singleResult;
          outcome.operation = operation && executed ? operationLabel(operation) : 'refused';
          count(outcome, startedAt);
          // The gateway writes the line that tells of a client's request; this one is for those who look at one service. The request's
          // own log is made for it alone.
          if (log.isLevelEnabled('debug')) tell(outcome, startedAt, contextValue.log);
        },
      };
    },
  };
}
