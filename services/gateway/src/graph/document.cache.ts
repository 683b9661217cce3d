import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import { refuseFloods } from '../limits/flood.rules';
import { DOCUMENT_LENGTH_MAX, DocumentLimitsRule, KnownOperationsRule, TOKENS_MAX } from './document.rules';

/** About so many bytes of documents are kept, whatever clients send. */
export const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** What a character of a document takes in memory once it is parsed; tokens are bounded, so long texts take no more. */
const BYTES_A_CHARACTER = 200;
const DEAR_CHARACTERS_MAX = 2_000;
const BYTES_AN_ENTRY = 1_000;

/** A document that may run, or why it may not. */
export type CheckedDocument =
  | { readonly document: DocumentNode; readonly errors: null }
  | { readonly document: null; readonly errors: readonly GraphQLError[] };

/** Parses and checks every document once; what was asked for longest ago is forgotten first. */
export interface DocumentCache {
  read(text: string): CheckedDocument;
  /** Gives the operation that a request names, or undefined where the document has no such one. */
  operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined;
  /** About how many bytes are kept. */
  bytes(): number;
}

function coded(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError)) throw error;
  if (error.extensions['code'] === undefined) error.extensions['code'] = code;
  return error;
}

function check(text: string, schema: GraphQLSchema, rules: readonly ValidationRule[]): CheckedDocument {
  if (text.length > DOCUMENT_LENGTH_MAX) {
    const message = `The document is longer than ${DOCUMENT_LENGTH_MAX} characters.`;
    const error = new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
    return { document: null, errors: [error] };
  }
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: TOKENS_MAX });
  } catch (error) {
    return { document: null, errors: [coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
  try {
    refuseFloods(document);
  } catch (error) {
    return { document: null, errors: [coded(error, 'GRAPHQL_VALIDATION_FAILED')] };
  }
  const errors = validate(schema, document, rules);
  if (errors.length === 0) return { document, errors: null };
  return { document: null, errors: errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')) };
}

const bytesOf = (text: string): number =>
  BYTES_AN_ENTRY + 2 * text.length + Math.min(text.length, DEAR_CHARACTERS_MAX) * BYTES_A_CHARACTER;

/** Makes the cache of the documents of one schema. What is too long to be parsed is not kept. */
export function createDocumentCache(options: {
  schema: GraphQLSchema;
  introspection: boolean;
  bytesMax?: number;
}): DocumentCache {
  const { schema, introspection, bytesMax = CACHE_BYTES_MAX } = options;
  const rules = [...specifiedRules, KnownOperationsRule, DocumentLimitsRule, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  // In the order of their last use.
  const known = new Map<string, CheckedDocument>();
  const operations = new WeakMap<DocumentNode, Map<string | undefined, OperationDefinitionNode | undefined>>();
  let bytes = 0;

  function keep(text: string, checked: CheckedDocument): void {
    known.set(text, checked);
    bytes += bytesOf(text);
    for (const oldest of known.keys()) {
      if (bytes <= bytesMax) return;
      known.delete(oldest);
      bytes -= bytesOf(oldest);
    }
  }

  return {
    read(text) {
      const found = known.get(text);
      if (found) {
        known.delete(text);
        known.set(text, found);
        return found;
      }
      const checked = check(text, schema, rules);
      if (text.length <= DOCUMENT_LENGTH_MAX) keep(text, checked);
      return checked;
    },
    operationOf(document, name) {
      const byName = operations.get(document) ?? new Map<string | undefined, OperationDefinitionNode | undefined>();
      operations.set(document, byName);
      const operation = byName.get(name) ?? getOperationAST(document, name) ?? undefined;
      // Names come from clients: what the document does not have is not remembered.
      if (operation) byName.set(name, operation);
      return operation;
    },
    bytes: () => bytes,
  };
}
