import type { NewPerson, PeopleWorld } from '../people-world';

const APPROVAL = `approval { id kind subjectId status payload digest reason requestedBy decidedBy decisionReason resultId amount { amount currency } }
  userErrors { code message field }`;
const mutation = (name: string): string => {
  const input = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  return `mutation ($input: ${input}) { ${name}(input: $input) { ${APPROVAL} } }`;
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

/** What two operators do, through the API. */
export function operatorsOf(world: PeopleWorld) {
  const call = async (name: string, input: object, by: NewPerson): Promise<Payload> => {
    const { data, errors } = await world.ask(mutation(name), { input }, by.as);
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  const self = {
    call,
    /** Signs an operator up. */
    async operator(): Promise<NewPerson> {
      const person = await world.signUp();
      return asOperator(person);
    },
    adjust: (by: NewPerson, walletId: string, change: object = {}): Promise<Payload> => call('requestManualAdjustment', {
      walletId, direction: 'CREDIT', amount: { amount: '5.00', currency: 'USD' }, reason: 'A fee was taken twice', idempotencyKey: `k-${Math.random()}`, ...change,
    }, by),
    approve: (by: NewPerson, approval: { id: string; digest: string }, change: object = {}): Promise<Payload> =>
      call('approveRequest', { approvalId: approval.id, digest: approval.digest, reason: 'I have seen the receipt', ...change }, by),
    reject: (by: NewPerson, approvalId: string, reason = 'No receipt'): Promise<Payload> => call('rejectRequest', { approvalId, reason }, by),
    cancel: (by: NewPerson, approvalId: string, reason = 'My mistake'): Promise<Payload> => call('cancelRequest', { approvalId, reason }, by),
    async trail(by: NewPerson, id: string): Promise<Payload[]> {
      const { data } = await world.ask(
        'query ($id: ID!) { approval(id: $id) { auditTrail(first: 50) { edges { node { action actorId before after reason } } } } }', { id }, by.as,
      );
      return data.approval.auditTrail.edges.map(({ node }: Payload) => node);
    },
    async list(by: NewPerson, status?: string): Promise<Payload[]> {
      const { data } = await world.ask(
        'query ($status: ApprovalStatus) { approvals(status: $status, first: 100) { edges { node { id status } } } }', { status }, by.as,
      );
      return data.approvals.edges.map(({ node }: Payload) => node);
    },
  };
  return self;
}

/** A person whose token names the role. */
export function asOperator<Person extends NewPerson>(person: Person): Person {
  return { ...person, as: { principal: { ...person.as.principal, roles: ['CUSTOMER', 'OPERATOR'] } } };
}

/** OK, or the first refusal's code and where it is. */
export const codeOf = (payload: Payload): string => payload.userErrors[0]?.code ?? 'OK';
