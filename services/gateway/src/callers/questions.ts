/** Gives each question a signal that ends it after a while, and with all others. */
export interface Questions {
  ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Ends what is open, and what is asked from then on at once. */
  end(): void;
  hasEnded(): boolean;
}

/** Makes {@link Questions} that wait so long for an answer each. Not AbortSignal.any: what that hangs on one that lives as long as the process stays there. */
export function createQuestions(timeoutMs: number): Questions {
  const open = new Set<AbortController>();
  let over = false;
  return {
    async ask(question) {
      const controller = new AbortController();
      if (over) controller.abort();
      open.add(controller);
      const late = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      try {
        return await question(controller.signal);
      } finally {
        clearTimeout(late);
        open.delete(controller);
      }
    },
    end() {
      over = true;
      for (const controller of open) controller.abort();
    },
    hasEnded: () => over,
  };
}
