import { type ClassType, ArgsType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { ForPartners } from './context';
import { badUserInput } from './errors';

@ObjectType()
@Directive('@shareable')
@ForPartners()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage: boolean;

  @Field(() => Boolean)
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true })
  startCursor?: string | undefined;

  @Field(() => String, { nullable: true })
  endCursor?: string | undefined;
}

@ArgsType()
export class PageArgs {
  @ForPartners()
  @Field(() => Int, { defaultValue: 20, nullable: true })
  first: number;

  @ForPartners()
  @Field(() => String, { nullable: true })
  after?: string | undefined;
}

const PAGE_MAX = 100;
const CURSOR_MAX = 512;

/** What a service needs to read one page: the position after which it begins, as {@link encodeCursor} took it. */
export interface Page {
  readonly limit: number;
  readonly after: readonly string[] | undefined;
}

/** Makes an opaque cursor of the values that a list is ordered by. */
export function encodeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeCursor(cursor: string): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(position) && position.every((value) => typeof value === 'string')) return position;
  } catch {
    // Falls through to the refusal: a cursor that is no JSON was not made here.
  }
  throw badUserInput('`after` is not a cursor of this list.', ['after']);
}

/**
 * Checks the arguments of a connection: `first` from 1 to 100, `after` a cursor whose values pass `accepts` (the list's
 * own check of count and format). Throws BAD_USER_INPUT.
 */
export function pageOf(
  args: { first?: number | null | undefined; after?: string | null | undefined },
  accepts: (position: readonly string[]) => boolean,
): Page {
  const limit = args.first ?? 20;
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) throw badUserInput('`first` must be from 1 to 100.', ['first']);
  if (args.after === null || args.after === undefined) return { limit, after: undefined };
  const after = args.after.length <= CURSOR_MAX ? decodeCursor(args.after) : [];
  if (!accepts(after)) throw badUserInput('`after` is not a cursor of this list.', ['after']);
  return { limit, after };
}

export interface ConnectionOf<Node> {
  edges: { cursor: string; node: Node }[];
  pageInfo: PageInfo;
}

/** Makes the connection of `rows`, which hold up to one row more than the page's limit to tell whether there is a next. */
export function toConnection<Row, Node>(
  rows: readonly Row[],
  page: Page,
  view: { node: (row: Row) => Node; position: (row: Row) => readonly string[] },
): ConnectionOf<Node> {
  const edges = rows.slice(0, page.limit).map((row) => ({ cursor: encodeCursor(view.position(row)), node: view.node(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.limit,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor,
      endCursor: edges[edges.length - 1]?.cursor,
    },
  };
}

/** Makes the connection and edge types of a node type, named `<name>Connection` and `<name>Edge`. */
export function connectionTypes<Node extends object>(name: string, node: () => ClassType<Node>) {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor: string;

    @Field(() => node())
    node: Node;
  }

  @ObjectType(`${name}Connection`)
  class Connection {
    @Field(() => [Edge])
    edges: Edge[];

    @Field(() => PageInfo)
    pageInfo: PageInfo;
  }

  return { Edge, Connection };
}
