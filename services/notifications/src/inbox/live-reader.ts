/**
 * Values for one reader, in order: they are put in as they come and taken out at the reader's pace. Unlike an async
 * generator it ends at once when the reader leaves, also while it waits for a value.
 */
export class LiveReader<Value> implements AsyncIterableIterator<Value, undefined> {
  private readonly values: Value[] = [];
  private readonly waiting: {
    resolve: (result: IteratorResult<Value, undefined>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  private ended = false;
  private failure: { error: unknown } | undefined;

  constructor(private readonly options: { valuesMax: number; onEnd: () => void }) {}

  /** Adds a value. A reader that leaves too many lying is let go, so that it cannot fill the memory. */
  put(value: Value): void {
    if (this.ended) return;
    const reader = this.waiting.shift();
    if (reader) reader.resolve({ done: false, value });
    else if (this.values.push(value) > this.options.valuesMax) this.end();
  }

  end(failure?: { error: unknown }): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    for (const reader of this.waiting.splice(0)) {
      if (failure) reader.reject(failure.error);
      else reader.resolve({ done: true, value: undefined });
    }
    this.options.onEnd();
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    const value = this.values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.failure) return Promise.reject(this.failure.error as Error);
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value, undefined>> {
    this.values.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
