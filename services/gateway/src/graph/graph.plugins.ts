import type { GatewayPlugin } from '@graphql-hive/gateway-runtime';
import { useQueryPlan } from '@graphql-hive/router-runtime';
import type { Identity } from '@tael/platform/identity';
import type { DocumentNode } from 'graphql';
import type { FetchContext } from '../subgraphs/subgraph.transport';

/** How far one request came: what is refused before it runs is answered otherwise than what failed while it ran. */
export interface Progress {
  executed: boolean;
}

/** What goes with a request through the runtime. */
export interface RunContext extends FetchContext {
  readonly identity: Identity;
  /** Parsed and checked already. */
  readonly document: DocumentNode;
  readonly progress: Progress;
}

/** Gives the runtime the document that was parsed and checked before it. */
export function useCheckedDocument(): GatewayPlugin {
  return {
    onParse: ({ context, setParsedDocument }) => setParsedDocument((context as unknown as RunContext).document),
    onValidate: ({ setResult }) => setResult([]),
  };
}

/** Marks in {@link Progress} that an operation was accepted and runs. */
export function trackProgress(): GatewayPlugin {
  const mark = (contextValue: unknown): void => {
    const progress = (contextValue as { progress?: Progress } | undefined)?.progress;
    if (progress) progress.executed = true;
  };
  return {
    onExecute: ({ args }) => mark(args.contextValue),
    onSubscribe: ({ args }) => mark(args.contextValue),
  };
}

/** Puts the plan of an operation beside its result, in the extensions; they do not leave the gateway. */
export const exposePlan = (): GatewayPlugin => useQueryPlan({ expose: true }) as unknown as GatewayPlugin;
