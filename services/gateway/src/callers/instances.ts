/** The addresses of several instances of a service. */
export interface Instances {
  /** Gives the first answer, asked one after the other; who answered last is asked first the next time. */
  first<T>(ask: (url: string) => Promise<T>): Promise<T>;
}

/** Makes {@link Instances}: one that is away is waited for once, and not again and again. */
export function createInstances(urls: readonly string[]): Instances {
  let order = [...urls];
  return {
    async first(ask) {
      const causes: Error[] = [];
      for (const url of order) {
        try {
          const answer = await ask(url);
          order = [url, ...order.filter((other) => other !== url)];
          return answer;
        } catch (error) {
          causes.push(error as Error);
        }
      }
      throw causes.length === 1 ? causes[0]! : new AggregateError(causes, causes.map(({ message }) => message).join('; '));
    },
  };
}
