export { appendToOutbox, outboxBacklog } from './outbox';
export { createOutboxTables } from './outbox.migration';
export { createOutboxRelay, type OutboxHealth, type OutboxRelay, type OutboxRelayOptions } from './outbox.relay';
