export { appendToOutbox, outboxBacklog, outboxInsert, outboxValues } from './outbox';
export { createOutboxTables } from './outbox.migration';
export { createOutboxRelay, type OutboxHealth, type OutboxRelay, type OutboxRelayOptions } from './outbox.relay';
