export const JSON_TYPE = 'application/json';
export const GRAPHQL_TYPE = 'application/graphql-response+json';
export const EVENT_STREAM_TYPE = 'text/event-stream';

export type ResultType = typeof JSON_TYPE | typeof GRAPHQL_TYPE;

interface Wish {
  readonly type: string;
  readonly weight: number;
}

// Wildcards mean application/json, which every client understands.
const RESULT_TYPES: Readonly<Record<string, ResultType>> = {
  [GRAPHQL_TYPE]: GRAPHQL_TYPE,
  [JSON_TYPE]: JSON_TYPE,
  'application/*': JSON_TYPE,
  '*/*': JSON_TYPE,
};

function wishesOf(accept: string): Wish[] {
  const wishes = accept
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const charset = parameters.find((parameter) => parameter.startsWith('charset='));
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      const readable = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
      const weight = quality === undefined ? 1 : Number.parseFloat(quality.slice(2));
      return { type, weight: readable && weight > 0 ? weight : 0 };
    });
  return wishes.filter((wish) => wish.weight > 0).sort((a, b) => b.weight - a.weight);
}

/** What a client takes as the answer: a type for a single result, and whether it takes a stream of events. */
export interface Acceptable {
  readonly result: ResultType | null;
  readonly eventStream: boolean;
}

/** Reads an Accept header; none at all means application/json. */
export function acceptable(accept: string | undefined): Acceptable {
  if (accept === undefined || accept.trim() === '') return { result: JSON_TYPE, eventStream: false };
  const wishes = wishesOf(accept);
  const result = wishes.map((wish) => RESULT_TYPES[wish.type]).find((type) => type !== undefined) ?? null;
  return { result, eventStream: wishes.some((wish) => wish.type === EVENT_STREAM_TYPE) };
}

/** Says whether a Content-Type is JSON in UTF-8: the only one that a web page cannot send across sites unasked. */
export function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] =
    contentType
      ?.toLowerCase()
      .split(';')
      .map((part) => part.trim()) ?? [];
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return type === JSON_TYPE && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}

/** Says whether a browser asks for a page rather than a program for data. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.toLowerCase().includes('text/html') ?? false;
}
