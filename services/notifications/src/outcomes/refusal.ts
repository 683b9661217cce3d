/** An expected refusal of a use case, as the API shows it in userErrors. */
export interface Refusal {
  readonly code: 'INVALID_INPUT' | 'LIMIT_EXCEEDED';
  readonly reason?: string | undefined;
  readonly field?: readonly string[] | undefined;
}
