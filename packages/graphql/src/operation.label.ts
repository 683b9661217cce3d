import type { OperationDefinitionNode } from 'graphql';

const KINDS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const labels = new WeakMap<OperationDefinitionNode, string>();

function labelFor(operation: OperationDefinitionNode): string {
  const first = operation.selectionSet.selections.find((selection) => selection.kind === 'Field');
  return `${KINDS[operation.operation]}.${first?.kind === 'Field' ? first.name.value : 'fragment'}`;
}

/**
 * Names an operation for figures, logs and traces: its kind and its first field, such as `Mutation.payMerchant`. A
 * client's own names and aliases are not taken: there may be any number of them. Only for operations that are valid.
 */
export function operationLabel(operation: OperationDefinitionNode): string {
  const label = labels.get(operation) ?? labelFor(operation);
  labels.set(operation, label);
  return label;
}
