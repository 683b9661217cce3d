export {
  type Bus, type BusConsumer, type BusGroup, type BusMessage, type ConsumerOptions, type DeliveredMessage, type OutgoingMessage,
} from './bus.port';
export { type BusAccess, createBus, type BusSettings } from './bus.factory';
export { type DeadLetter, deadLetterTopic, type Failure, listDeadLetters, replayDeadLetters } from './dead-letters';
