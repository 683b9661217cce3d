export { createInboxTable } from './inbox.migration';
export { type EventConsumer, type EventConsumerOptions, startEventConsumer } from './inbox.consumer';
export { deadLetterTopic, Poison } from './dead-letters';
