import { graphql } from 'relay-runtime';

export const query = graphql`
  query ShopsQuery($search: String) {
    ...Shops_list @arguments(search: $search)
  }
`;

export const list = graphql`
  fragment Shops_list on Query
  @refetchable(queryName: "ShopsPaginationQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 5 }
    cursor: { type: "String" }
    search: { type: "String" }
  ) {
    merchants(first: $count, after: $cursor, search: $search) @connection(key: "Shops_merchants", filters: ["search"]) {
      edges {
        node {
          id
          name
          category
        }
      }
    }
  }
`;
