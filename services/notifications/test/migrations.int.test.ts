import { drift } from '@tael/platform/postgres';
import { openDatabase } from './world';

it('the migrations make exactly the tables of the entities', async () => {
  const { database, dataSource } = await openDatabase('drift');
  try {
    expect(await drift(dataSource)).toEqual([]);
    await database.asOwner('ALTER TABLE person DROP COLUMN locale');
    expect(await drift(dataSource)).not.toEqual([]);
  } finally {
    await dataSource.destroy();
    await database.drop();
  }
});
