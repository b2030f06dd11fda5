/** Thrown by a processor that has moved its job to a later time. */
export class DelayedError extends Error {}

/** Thrown by a processor whose job no further attempt would help. */
export class UnrecoverableError extends Error {}

/** One job, as its processor sees it. */
export class Job<T> {
  attemptsMade = 0;
  delayedUntil = 0;

  constructor(readonly data: T) {}

  async moveToDelayed(timestamp: number, _token?: string): Promise<void> {
    this.delayedUntil = timestamp;
  }
}

/** What BullMQ does for the recipe of the queue worker, in memory: it forgets its jobs when the process ends. */
export class MemoryQueue<T> {
  readonly completed: Job<T>[] = [];
  readonly failed: { readonly job: Job<T>; readonly error: unknown }[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly processor: { process(job: Job<T>): Promise<unknown> },
    private readonly options = { attempts: 5, backoff: 1_000 },
  ) {}

  add(data: T): Job<T> {
    const job = new Job(data);
    this.run(job, 0);
    return job;
  }

  /** Begins no job any more. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private run(job: Job<T>, delay: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.processor.process(job).then(
        () => this.completed.push(job),
        (error: unknown) => this.again(job, error),
      );
    }, delay);
    this.timers.add(timer);
  }

  private again(job: Job<T>, error: unknown): void {
    if (error instanceof DelayedError) return this.run(job, job.delayedUntil - Date.now());
    job.attemptsMade++;
    const isLast = job.attemptsMade >= this.options.attempts;
    if (isLast || error instanceof UnrecoverableError) return void this.failed.push({ job, error });
    this.run(job, this.options.backoff * 2 ** (job.attemptsMade - 1));
  }
}
