/** A composition that must not go on, said so that its reader can act: shown as text, without a stack. */
export class Refused extends Error {}
