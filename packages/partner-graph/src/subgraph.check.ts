import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type DocumentNode, findBreakingChanges, GraphQLError, type GraphQLSchema, parse, print } from 'graphql';
import { costViolations } from './cost.rules';
import { typesOf } from './definitions';
import { withoutMachinery } from './machinery';
import { type GraphPolicy, type Names, namesOf, PARTNER_POLICY, type Violation } from './policy';
import { sdlViolations } from './sdl.rules';

export interface SubgraphSource {
  readonly name: string;
  readonly sdl: string;
}

export interface PartnerSource {
  /** What the bank's names are made of: `nordbank` for `Query.nordbank` and types that begin with `Nordbank`. */
  readonly slug: string;
  readonly sdl: string;
}

export interface SubgraphCheck {
  /** The house's own subgraphs. */
  readonly own: readonly SubgraphSource[];
  /** Banks that are in the graph already. An earlier schema of the same slug is what clients know, and is replaced. */
  readonly partners?: readonly PartnerSource[];
  readonly candidate: PartnerSource;
  /** Slugs that are other banks' for ever, whether they are in the graph now or not. */
  readonly taken?: readonly string[];
  readonly policy?: GraphPolicy;
}

export type SubgraphVerdict =
  | { readonly ok: true; /** The graph with the candidate in it. */ readonly supergraph: string }
  | { readonly ok: false; readonly violations: readonly [Violation, ...Violation[]] };

/** The name under which a bank's subgraph is composed. */
export const partnerSubgraphName = (slug: string): string => `partner-${slug}`;

const PARSER = { maxTokens: 20_000, noLocation: true } as const;

/**
 * Says whether a bank's subgraph may go into the graph: every rule of the policy, then whether it composes, what it costs
 * and whether it breaks what clients ask today. All reasons at once, so that a bank mends them in one go. Never throws for
 * what a bank wrote; the house's own schemas must compose.
 */
export function checkPartnerSubgraph(check: SubgraphCheck): SubgraphVerdict {
  const { candidate, policy = PARTNER_POLICY } = check;
  const bytes = Buffer.byteLength(candidate.sdl);
  if (bytes > policy.sdlBytesMax) return refuse({ code: 'SDL_TOO_LARGE', place: '', message: `The schema has ${bytes} bytes; ${policy.sdlBytesMax} are allowed.` });
  const names = namesOf(candidate.slug);
  if (!names) return refuse({ code: 'SLUG', place: candidate.slug.slice(0, 40), message: 'A slug is three to twenty small letters and digits, and begins with a letter.' });
  const document = parsed(candidate.sdl);
  if (document instanceof GraphQLError) return refuse({ code: 'SYNTAX', place: '', message: document.message });
  const first = [...slugViolations(check, names), ...sdlViolations({ document, names, policy })];
  // What breaks a rule may compose all the same, or fail for a reason that nobody understands: the rules are told first.
  return first.length > 0 ? refuse(...first) : composed({ ...check, candidate: { slug: names.slug, sdl: print(document) } }, names, policy);
}

function refuse(...violations: readonly Violation[]): SubgraphVerdict {
  return { ok: false, violations: violations as readonly [Violation, ...Violation[]] };
}

function parsed(sdl: string): DocumentNode | GraphQLError {
  try {
    return withoutMachinery(parse(sdl, PARSER));
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** Names of one bank must not be taken for those of the house, or of another bank: in the same words, so that nobody learns whose they are. */
function slugViolations({ own, partners = [], taken = [], candidate }: SubgraphCheck, names: Names): Violation[] {
  const theirs = own.flatMap(({ sdl }) => typesOf(parse(sdl, { noLocation: true })));
  const fields = theirs.flatMap((type) => ('fields' in type ? (type.fields ?? []).map((field) => field.name.value) : []));
  const isOurs = theirs.some((type) => type.name.value.startsWith(names.type)) || fields.some((field) => field.startsWith(names.slug));
  const others = [...taken, ...partners.map(({ slug }) => slug).filter((slug) => slug !== candidate.slug)];
  const isClose = others.some((slug) => slug.startsWith(names.slug) || names.slug.startsWith(slug));
  return isOurs || isClose
    ? [{ code: 'SLUG', place: candidate.slug, message: 'The slug is the beginning of a name that is taken. Choose another.' }]
    : [];
}

function compose(own: readonly SubgraphSource[], partners: readonly PartnerSource[]) {
  const sources = [...own, ...partners.map(({ slug, sdl }) => ({ name: partnerSubgraphName(slug), sdl }))];
  // The address only names the subgraph; the gateway takes the real one from where the bank is kept.
  return composeServices(sources.map(({ name, sdl }) => ({ name, url: `http://${name}.tael.local/graphql`, typeDefs: withoutMachinery(parse(sdl)) })));
}

/**
 * Composes the graph of the house and of the banks whose schemas have passed the check.
 * @throws Error where they do not compose
 */
export function composeGraph(own: readonly SubgraphSource[], partners: readonly PartnerSource[]): string {
  const composed = composedOrErrors(own, partners);
  if (composed.errors) throw new Error(`the graph does not compose: ${composed.errors.map(({ message }) => message).join('; ')}`);
  return composed.supergraphSdl;
}

const apiOf = (supergraph: string): GraphQLSchema =>
  buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)), { assumeValid: true });

/** The composer throws at some schemas that contradict themselves, such as a type of two kinds: for a bank that is one more reason. */
function composedOrErrors(...args: Parameters<typeof compose>): ReturnType<typeof compose> {
  try {
    return compose(...args);
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError(`The schema contradicts itself: ${(error as Error).message}`)] };
  }
}

/** The graph without the candidate, as it was composed last: checks come one after the other against the same. */
let former: { readonly of: string; readonly api: GraphQLSchema } | undefined;

function apiBefore(own: readonly SubgraphSource[], partners: readonly PartnerSource[]): GraphQLSchema {
  const of = JSON.stringify([own, partners]);
  if (former?.of === of) return former.api;
  const before = compose(own, partners);
  if (before.errors) throw new Error(`the graph does not compose without the candidate: ${before.errors.map(({ message }) => message).join('; ')}`);
  former = { of, api: apiOf(before.supergraphSdl) };
  return former.api;
}

function composed({ own, partners = [], candidate }: SubgraphCheck, names: Names, policy: GraphPolicy): SubgraphVerdict {
  const before = apiBefore(own, partners);
  const others = partners.filter(({ slug }) => slug !== candidate.slug);
  const after = composedOrErrors(own, [...others, candidate]);
  if (after.errors) {
    const messages = [...new Set(after.errors.map(({ message }) => message))];
    return refuse(...messages.map((message): Violation => ({ code: 'COMPOSITION', place: '', message })));
  }
  const api = apiOf(after.supergraphSdl);
  const breaking = findBreakingChanges(before, api).map(({ type, description }): Violation => ({
    code: 'BREAKING_CHANGE', place: '', message: `${description} (${type}) Clients may ask for it: deprecate it first, and tell us when nobody does.`,
  }));
  const violations = [...costViolations(api, { names, policy }), ...breaking];
  return violations.length > 0 ? refuse(...violations) : { ok: true, supergraph: after.supergraphSdl };
}
