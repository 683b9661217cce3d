export { deadLetterTopic } from '../bus/dead-letters';

/** A message that can never be worked off, however often it is tried: it goes to the dead letters at once. */
export class Poison extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Poison';
  }
}
