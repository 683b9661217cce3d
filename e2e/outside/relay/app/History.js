import { graphql } from 'relay-runtime';

export const query = graphql`
  query HistoryQuery($count: Int!) {
    ...History_list @arguments(count: $count)
  }
`;

export const list = graphql`
  fragment History_list on Query
  @refetchable(queryName: "HistoryPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    viewer {
      id
      transactions(first: $count, after: $cursor) @connection(key: "History_transactions") {
        edges {
          node {
            id
            ...HistoryRow_transaction
          }
        }
      }
    }
  }
`;
