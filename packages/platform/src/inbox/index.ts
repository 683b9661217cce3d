export { createInboxTable } from './inbox.migration';
export { type EventConsumer, startEventConsumer } from './inbox.consumer';
export type { BatchHandler, EventConsumerOptions, EventHandler } from './inbox.options';
export { deadLetterTopic, Poison } from './dead-letters';
