import { labelsOf, registered, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('event');
});
afterAll(() => subject?.stop());

it('welcomes everybody who joins, once, however often it is told', async () => {
  const [one, other] = [somebody(), somebody()];
  const told = registered(one.principal.personId);
  await subject.deliver(told, registered(other.principal.personId), told, registered(one.principal.personId));
  expect(await labelsOf(subject, one)).toEqual(['Welcome']);
  expect(await labelsOf(subject, other)).toEqual(['Welcome']);
});
