import { uuidOfDigest } from './customer.domain';

it.each([
  ['nothing but zeros', Buffer.alloc(32), '00000000-0000-8000-8000-000000000000'],
  ['nothing but ones', Buffer.alloc(32, 0xff), 'ffffffff-ffff-8fff-bfff-ffffffffffff'],
  ['counting bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), '00010203-0405-8607-8809-0a0b0c0d0e0f'],
])('a digest of %s is a UUID of version 8 of its first half, and stays as it was', (_what, digest, uuid) => {
  const before = Buffer.from(digest);
  expect(uuidOfDigest(digest)).toBe(uuid);
  expect(digest).toEqual(before);
});
