export { createInboxTable } from './inbox.migration';
export {
  type BatchHandler, type EventConsumer, type EventConsumerOptions, type EventHandler, startEventConsumer,
} from './inbox.consumer';
export { deadLetterTopic, Poison } from './dead-letters';
