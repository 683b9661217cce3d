import pg from 'pg';

/** Looks into a database of the stack, in a session of its own; gives the rows. */
export async function onDatabase(url: string, work: (client: pg.Client) => Promise<{ rows: any[] }>): Promise<any[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await work(client)).rows;
  } finally {
    await client.end();
  }
}
