import { graphql } from 'relay-runtime';

export const subscription = graphql`
  subscription BellSubscription {
    notificationReceived {
      id
      title
      transaction {
        id
        ...HistoryRow_transaction
      }
    }
  }
`;
