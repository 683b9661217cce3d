/** Where the rules of money, rewards and messages stand. A file of texts alone has nothing to decide and is left out. */
export const MUTATED = [
  { folder: 'packages/money', mutate: ['src/**/*.ts', '!src/**/*.test.ts', '!src/index.ts'] },
  { folder: 'services/rewards', mutate: ['src/**/*.domain.ts'] },
  { folder: 'services/notifications', mutate: ['src/**/*.domain.ts'] },
];
