import { type CheckedAnswer, createAnswerCheck, partnerSubgraphName } from '@tael/partner-graph';
import { gauge } from '@tael/platform/metrics';
import { type DocumentNode, GraphQLError, print } from 'graphql';
import { locate } from '../subgraphs/subgraph.outage';
import type { SubscriptionEvent } from '../subgraphs/subgraph.subscription';
import type { SubgraphExecutor, SubgraphRequest, SubgraphTransport } from '../subgraphs/subgraph.transport';
import { type CallSettings, createPartnerCaller, type PartnerCaller } from './partner-subgraph.caller';
import { PartnerFault, partnerUnavailable } from './partner-subgraph.faults';
import type { PartnerSubgraph } from './partner-subgraph.list';
import { createReferenceFilter } from './partner-subgraph.references';

const texts = new WeakMap<DocumentNode, string>();

// The documents of a plan live as long as the plan, so each is printed once.
function textOf(document: DocumentNode): string {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const text = print(document);
  texts.set(document, text);
  return text;
}

const valueAt = (data: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined), data);

/** One masked error for each field that has none of what it was asked for; where none is null, for the first. */
function masked(slug: string, request: SubgraphRequest, data: CheckedAnswer['data']): readonly GraphQLError[] {
  const all = locate(partnerUnavailable(new PartnerFault(slug, 'ERRORS')), request);
  const missing = all.filter(({ path }) => !path || valueAt(data, path) === null || valueAt(data, path) === undefined);
  return missing.length > 0 ? missing : all.slice(0, 1);
}

/** What nobody answered: each root field is null, and not the client's whole answer. */
function nothing(errors: readonly GraphQLError[]): SubscriptionEvent {
  const roots = errors.flatMap(({ path }) => (path?.length === 1 ? [[path[0]!, null] as const] : []));
  return { ...(roots.length > 0 ? { data: Object.fromEntries(roots) as Record<string, null> } : {}), errors };
}

function executorOf(subgraph: PartnerSubgraph, caller: PartnerCaller, subjectKey: Buffer): SubgraphExecutor {
  const { slug } = subgraph;
  const check = createAnswerCheck(subgraph.sdl);
  const onlyReferences = createReferenceFilter(subgraph, subjectKey);

  async function answer(request: SubgraphRequest): Promise<SubscriptionEvent> {
    const { variables, idOf } = onlyReferences(request);
    try {
      const body = JSON.stringify({ query: textOf(request.document), variables });
      const { data, hasErrors } = await caller.ask(body, request.context?.identity?.principal?.personId);
      const checked: CheckedAnswer = data === null ? { data: null, problems: ['no data'] } : await check({ document: request.document, variables }, data, idOf);
      if (!hasErrors && checked.problems.length === 0) return { data: checked.data };
      const errors = masked(slug, request, checked.data);
      return checked.data ? { data: checked.data, errors } : nothing(errors);
    } catch (error) {
      const fault = error instanceof PartnerFault ? error : new PartnerFault(slug, 'NO_RESULT');
      return nothing(locate(partnerUnavailable(fault), request));
    }
  }

  return (request) => {
    // The policy has no such fields; were there one, nothing of it would reach the bank.
    if (request.operationType !== undefined && request.operationType !== 'query') throw new Error('banks are asked by queries alone');
    return answer(request);
  };
}

/** The ways to the subgraphs of banks, over all graphs that have them. */
export interface PartnerTransports {
  /** Gives the transport of a graph with these banks: theirs to them, everything else by `own`. */
  over(own: SubgraphTransport, subgraphs: readonly PartnerSubgraph[]): SubgraphTransport;
  /** Forgets who is not asked any more. */
  keep(subgraphs: readonly PartnerSubgraph[]): void;
  close(): void;
}

export function createPartnerTransports(settings: CallSettings): PartnerTransports {
  const callers = new Map<string, { readonly slug: string; readonly caller: PartnerCaller }>();
  gauge({
    name: 'tael_partner_subgraph_breaker',
    help: '1 for the state in which the breaker of a bank is: CLOSED, OPEN or HALF_OPEN.',
    labels: ['slug', 'state'],
    collect(level) {
      level.reset();
      for (const { slug, caller } of callers.values()) level.set({ slug, state: caller.breaker() }, 1);
    },
  });

  function callerOf(subgraph: PartnerSubgraph): PartnerCaller {
    const known = callers.get(subgraph.id);
    if (known) return known.caller;
    const caller = createPartnerCaller(subgraph, settings);
    callers.set(subgraph.id, { slug: subgraph.slug, caller });
    return caller;
  }

  function forget(isKept: (id: string) => boolean): void {
    for (const [id, { caller }] of callers) {
      if (isKept(id)) continue;
      caller.close();
      callers.delete(id);
    }
  }

  return {
    over(own, subgraphs) {
      const executors = new Map(subgraphs.map((subgraph) => [partnerSubgraphName(subgraph.slug), executorOf(subgraph, callerOf(subgraph), settings.subjectKey)]));
      return {
        ...own,
        getSubgraphExecutor: (options) => executors.get(options.subgraphName) ?? own.getSubgraphExecutor(options),
        answersDirectly: (subgraph) => !executors.has(subgraph),
      };
    },
    keep: (subgraphs) => forget((id) => subgraphs.some((subgraph) => subgraph.id === id)),
    close: () => forget(() => false),
  };
}
