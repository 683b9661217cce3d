import { totpCode } from '../../src/second-factor/code.service';
import { stepOf } from '../../src/second-factor/totp.domain';
import { type Answer, type Asker, type NewPerson, type PeopleWorld, principalOfToken } from '../people-world';

const ERRORS = 'userErrors { code field message }';
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id } session { accessToken refreshToken } challenge { token expiresAt } ${ERRORS} } }`;
const COMPLETE = `mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) {
  user { id } session { accessToken refreshToken } ${ERRORS} } }`;
const BEGIN = `mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret uri ${ERRORS} } }`;
const CONFIRM = `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes ${ERRORS} } }`;
const REQUEST = `mutation ($input: RequestStepUpInput!) { requestStepUp(input: $input) {
  stepUp { id purpose expiresAt approvedAt } ${ERRORS} } }`;
const APPROVE = `mutation ($input: ApproveStepUpInput!) { approveStepUp(input: $input) { stepUp { id approvedAt } ${ERRORS} } }`;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

const payloadOf = (answer: Answer): Payload => {
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return Object.values(answer.data)[0];
};

/** The first code of a payload's userErrors, or OK. */
export const codeOf = (payload: Payload): string => payload.userErrors[0]?.code ?? 'OK';

/** What a person does around their second factor, through the API. */
export function secondFactorOf(world: PeopleWorld) {
  const call = async (query: string, input: object, as: Asker = {}): Promise<Payload> =>
    payloadOf(await world.ask(query, { input }, as));
  const calls = {
    signIn: (person: { email: string; password: string }, as: Asker = {}) =>
      call(SIGN_IN, { email: person.email, password: person.password }, as),
    complete: (challengeToken: string, code: string, as: Asker = {}) => call(COMPLETE, { challengeToken, code }, as),
    begin: (person: NewPerson, password = person.password) => call(BEGIN, { password }, person.as),
    confirm: (person: NewPerson, code: string) => call(CONFIRM, { code }, person.as),
    request: (person: Pick<NewPerson, 'as'>, input: object) => call(REQUEST, input, person.as),
    approve: (person: Pick<NewPerson, 'as'>, stepUpId: string, code: string) =>
      call(APPROVE, { stepUpId, code }, person.as),
  };
  /** Gives the app's present code; the clock goes one step on first, since each code works once. */
  const freshCode = (secret: string): string => {
    world.later(30_000);
    return totpCode(secret, stepOf(world.now()));
  };
  return {
    ...calls,
    freshCode,
    /** Signs somebody up who has an authenticator app. */
    async enrolled(): Promise<NewPerson & { secret: string; recoveryCodes: string[] }> {
      const person = await world.signUp();
      const { secret } = await calls.begin(person);
      const { recoveryCodes } = await calls.confirm(person, freshCode(secret));
      return { ...person, secret, recoveryCodes };
    },
    /** Asks for a step-up and approves it; gives its id. */
    async approved(person: { as: NewPerson['as']; secret: string }, input: object): Promise<string> {
      const { stepUp } = await calls.request(person, input);
      const done = await calls.approve(person, stepUp.id, freshCode(person.secret));
      if (codeOf(done) !== 'OK') throw new Error(JSON.stringify(done));
      return stepUp.id;
    },
    /** Signs in with both steps; gives who asks through the new session. */
    async signedIn(person: NewPerson & { secret: string }, as: Asker = {}) {
      const { challenge } = await calls.signIn(person, as);
      const { session } = await calls.complete(challenge.token, freshCode(person.secret), as);
      return {
        ...session as { accessToken: string; refreshToken: string },
        as: { principal: principalOfToken(session.accessToken) },
      };
    },
  };
}
