import { PasswordsBusy, PasswordService } from './password.service';

describe('passwords', () => {
  it('are kept as argon2id at no less than the floor, each with a salt of its own', async () => {
    const passwords = new PasswordService();
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(one);
    expect(await passwords.verify(one, 'correct horse')).toBe(true);
    expect(await passwords.verify(one, 'correct horsf')).toBe(false);
    expect(await passwords.verify(undefined, 'correct horse')).toBe(false);
  });

  it('wait in a bounded queue: who comes after is turned away, and the places come free again', async () => {
    const passwords = new PasswordService({ atOnceMax: 2, waitingMax: 3 });
    const work = Array.from({ length: 9 }, () => passwords.hash('correct horse'));
    const settled = await Promise.allSettled(work);
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array<string>(5).fill('fulfilled'),
      ...Array<string>(4).fill('rejected'),
    ]);
    expect(settled.at(-1)).toMatchObject({ reason: expect.any(PasswordsBusy) });
    await expect(Promise.all(work.slice(0, 5).map(() => passwords.hash('again')))).resolves.toHaveLength(5);
  });

  it.each([
    ['$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', false],
    ['$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', false],
    // As much work, parted otherwise: two programs side by side do not make each other's anew.
    ['$argon2id$v=19$m=47104,t=1,p=1$c2FsdA$aGFzaA', false],
    ['$argon2id$v=19$m=19455,t=2,p=1$c2FsdA$aGFzaA', true],
    ['$argon2id$v=19$m=19456,t=1,p=1$c2FsdA$aGFzaA', true],
    ['$argon2id$m=19456,t=2,p=1$c2FsdA$aGFzaA', true],
  ])('kept as %s are outdated: %s', (passwordHash, expected) => {
    expect(new PasswordService().isOutdated(passwordHash)).toBe(expected);
  });

  it('that break off give their place back', async () => {
    const passwords = new PasswordService({ atOnceMax: 1, waitingMax: 0 });
    await expect(passwords.verify('no hash', 'x')).rejects.toThrow();
    expect(await passwords.hash('x')).toContain('argon2id');
  });
});
