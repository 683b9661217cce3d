export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './database';
export { testBrokers } from './brokers';
export { selfSignedCertificate, testAuthority, type TestCertificate } from './certificate';
export { eventually } from './eventually';
export { newKeyPair } from './key-pair';
export { type OperatorMutation, operatorMutations } from './operator-mutations';
export { type Proxy, proxyTo } from './proxy';
export { type RecordedEvent, recordedEvents } from './recorded-events';
export { asNewEvents, type RecordedReplay, recordedReplay } from './recorded-replay';
export {
  type GraphQLAnswer, graphqlClient, type GraphQLClientOptions, type GraphQLTestClient, type SubscriptionAnswer,
} from './graphql-client';
export { type TestEnvironment, testEnvironment } from './env';
export { interleaved } from './interleave';
export { type SecureServer, secureServer } from './secure-server';
