import { graphql } from 'relay-runtime';

export const mutation = graphql`
  mutation PayMutation($input: PayMerchantInput!, $connections: [ID!]!) {
    payMerchant(input: $input) {
      transaction @prependNode(connections: $connections, edgeTypeName: "TransactionEdge") {
        id
        ...HistoryRow_transaction
      }
      wallet {
        id
        balance {
          posted {
            amount
          }
        }
      }
      userErrors {
        code
        field
      }
    }
  }
`;
