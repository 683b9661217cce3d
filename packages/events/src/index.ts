export { CATALOGUE, type EventData, type EventType } from './catalogue';
export { type EventDefinition, type Topic, TOPICS } from './define';
export {
  dispatcher, type EventHandlers, type EventMessage, fromMessage, MalformedEvent, type TaelEvent, toMessage, withoutHandler,
} from './envelope';
