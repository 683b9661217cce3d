import {
  type DocumentNode, getArgumentValues, getVariableValues, GraphQLError, type GraphQLField, type GraphQLSchema, Kind, type OperationDefinitionNode,
  OperationTypeNode, TypeInfo, visit, visitWithTypeInfo, type FieldNode,
} from 'graphql';
import type { DocumentCache } from '../graph/document.cache';
import type { Screen } from '../graph/graph.runtime';
import { planCost } from '../limits/cost.analysis';
import { costOf } from '../limits/cost.plan';

const FIELD = 'publishDocuments';
/** More are refused behind the door; what is checked here is bounded. */
const DOCUMENTS_MAX = 10;

interface Call {
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
}

/** Finds where an operation publishes documents, however it is written. */
function callsIn(schema: GraphQLSchema, document: DocumentNode): Call[] {
  const calls: Call[] = [];
  const info = new TypeInfo(schema);
  visit(document, visitWithTypeInfo(info, {
    Field(node) {
      const field = info.getFieldDef();
      if (field?.name === FIELD && info.getParentType() === schema.getMutationType()) calls.push({ field, node });
    },
  }));
  return calls;
}

const refusal = (index: number, message: string): GraphQLError =>
  new GraphQLError(`Document ${index + 1}: ${message.replace(/ Did you mean .*\?$/s, '')}`, {
    extensions: { code: 'BAD_USER_INPUT', field: ['input', 'documents', String(index)] },
  });

/** The documents that a call brings; none where its arguments cannot be read: the runtime refuses them, in its words. */
function documentsOf(field: Call['field'], node: FieldNode, variables: Record<string, unknown>): readonly string[] {
  try {
    const { input } = getArgumentValues(field, node, variables) as { input?: { documents?: readonly string[] } | null };
    return input?.documents ?? [];
  } catch (error) {
    if (error instanceof GraphQLError) return [];
    throw error;
  }
}

/**
 * Makes the check of documents that a bank is about to publish: each must be one that this door would run, by its rules and its cost with
 * the pages that it names itself. It is looked at where the contract is, so that merchants needs no copy of it.
 */
export function createPublishCheck(): Screen {
  const calls = new WeakMap<DocumentNode, Call[]>();

  function problemOf(text: string, { schema, documents, costMax }: { schema: GraphQLSchema; documents: DocumentCache; costMax: number }): string | undefined {
    const { document, errors } = documents.read(text);
    if (errors) return errors[0]!.message;
    const operations = document.definitions.filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION);
    if (operations.length === 0) return 'There is no operation in it.';
    const cost = Math.max(...operations.map((operation) => costOf(planCost(schema, document, operation), {})));
    return cost > costMax ? `It costs ${cost}; ${costMax} is allowed.` : undefined;
  }

  return ({ schema, documents, document, operation, variables, costMax }) => {
    if (operation.operation !== OperationTypeNode.MUTATION) return [];
    const found = calls.get(document) ?? callsIn(schema, document);
    calls.set(document, found);
    if (found.length === 0) return [];
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    // What cannot be read is refused by the runtime, in its words.
    if (!coerced) return [];
    return found.flatMap(({ field, node }) => {
      return documentsOf(field, node, coerced).slice(0, DOCUMENTS_MAX).flatMap((text, index) => {
        const problem = problemOf(text, { schema, documents, costMax });
        return problem === undefined ? [] : [refusal(index, problem)];
      });
    });
  };
}
