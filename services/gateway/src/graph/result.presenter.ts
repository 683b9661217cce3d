import type { Logger } from '@tael/platform/log';
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { pointAtNulls } from './error.paths';
import { presentError } from './error.presenter';

/** A result as it goes to the client. */
export interface PresentedResult {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[];
}

/** Makes what leaves the gateway of what the runtime gives. */
export interface ResultPresenter {
  /** Gives the errors of a result as they are told, and nothing where there are none. */
  errorsOf(result: ExecutionResult, reference: string): { errors?: readonly GraphQLFormattedError[] };
  eventsOf(events: AsyncIterable<ExecutionResult>, reference: string): AsyncIterable<PresentedResult>;
}

export function createResultPresenter(options: { log: Logger; suggestions: boolean }): ResultPresenter {
  const { log, suggestions } = options;

  function errorsOf(result: ExecutionResult, reference: string): { errors?: readonly GraphQLFormattedError[] } {
    if (!result.errors?.length) return {};
    const context = { reference, log, suggestions, logged: new Set<Error>() };
    const presented = result.errors.map((error) => presentError(error, context));
    return { errors: pointAtNulls(presented, result.data) };
  }

  // The runtime collects the errors of all events of a subscription in one array: each event shows its own alone.
  async function* eventsOf(
    events: AsyncIterable<ExecutionResult>,
    reference: string,
  ): AsyncGenerator<PresentedResult> {
    let collected: readonly GraphQLError[] | undefined;
    let shown = 0;
    for await (const event of events) {
      if (event.errors !== collected) shown = 0;
      collected = event.errors;
      const errors = event.errors?.slice(shown) ?? [];
      shown = event.errors?.length ?? 0;
      yield { data: event.data ?? null, ...errorsOf({ data: event.data ?? null, errors }, reference) };
    }
  }

  return { errorsOf, eventsOf };
}
