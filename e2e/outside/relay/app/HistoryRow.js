import { graphql } from 'relay-runtime';

export const row = graphql`
  fragment HistoryRow_transaction on Transaction {
    id
    kind
    amount {
      amount
      currency
    }
    merchant {
      id
      name
    }
  }
`;
