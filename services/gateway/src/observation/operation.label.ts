import { getOperationAST, parse } from 'graphql';

const KINDS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const KNOWN_MAX = 2_000;
const KEPT_LENGTH_MAX = 4_096;

function labelFor(text: string, operationName: string | undefined): string {
  const operation = getOperationAST(parse(text, { noLocation: true }), operationName);
  if (!operation) return 'refused';
  const first = operation.selectionSet.selections.find((selection) => selection.kind === 'Field');
  return `${KINDS[operation.operation]}.${first?.kind === 'Field' ? first.name.value : 'fragment'}`;
}

/**
 * Names operations for figures, logs and traces by their kind and first field, such as `Mutation.payMerchant`: there are
 * only as many as the schema has, whatever clients send. To be asked only of what has passed validation.
 */
export function createOperationLabels(): (text: string, operationName: string | undefined) => string {
  const known = new Map<string, string>();
  return (text, operationName) => {
    const key = operationName === undefined ? text : `${operationName}\n${text}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const label = labelFor(text, operationName);
    if (key.length > KEPT_LENGTH_MAX) return label;
    const oldest = known.size >= KNOWN_MAX ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    known.set(key, label);
    return label;
  };
}
