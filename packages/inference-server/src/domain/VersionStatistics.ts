/** How often something took place, and how long it took, all in all. */
export interface Duration {
  count: number;
  millis: number;
}

/** When a request was run, by the monotonic clock, and how long the model took for its run. */
export interface RunTimes {
  /** 0 before. */
  startedMillis: number;
  /** 0 before. */
  endedMillis: number;
  /** Of the run that the request was in, alone or with others. */
  computeMillis: number;
}

/** What a version has done since it was loaded, as the statistics of the Open Inference Protocol tell it. */
export class VersionStatistics {
  readonly success: Duration = { count: 0, millis: 0 };
  readonly fail: Duration = { count: 0, millis: 0 };
  /** From the request to its run, waiting for others left out: reading and checking it. */
  readonly input: Duration = { count: 0, millis: 0 };
  /** Waiting for a turn, or for others to share the run with. */
  readonly queue: Duration = { count: 0, millis: 0 };
  readonly compute: Duration = { count: 0, millis: 0 };
  /** From the run to the answer handed over. */
  readonly output: Duration = { count: 0, millis: 0 };
  /** Answered from memory, or by the run of another request: looking it up, and waiting for that run. */
  readonly hits: Duration = { count: 0, millis: 0 };
  /** Not found in memory, where there is one: looking it up, and computing it. */
  readonly misses: Duration = { count: 0, millis: 0 };
  /** Runs of the model by their number of rows. */
  readonly batches = new Map<number, Duration>();
  /** Rows that were answered. */
  rows = 0;
  /** Milliseconds since the epoch; 0 before the first. */
  lastAtMillis = 0;

  get executions(): number {
    let count = 0;
    for (const batch of this.batches.values()) count += batch.count;
    return count;
  }

  observeHit(millis: number): void {
    add(this.hits, millis);
  }

  observeMiss(millis: number): void {
    add(this.misses, millis);
  }

  /** The model was run. */
  observeRun(rows: number, millis: number): void {
    let batch = this.batches.get(rows);
    if (batch === undefined) {
      batch = { count: 0, millis: 0 };
      this.batches.set(rows, batch);
    }
    add(batch, millis);
  }

  /**
   * A caller's request is over.
   *
   * @param times - undefined for one that was not answered
   */
  observeRequest(request: {
    startedMillis: number;
    endedMillis: number;
    times: RunTimes | undefined;
    rows: number;
  }): void {
    const { startedMillis, endedMillis, times, rows } = request;
    this.lastAtMillis = Date.now();
    if (times === undefined) {
      add(this.fail, endedMillis - startedMillis);
      return;
    }
    add(this.success, endedMillis - startedMillis);
    add(this.input, times.startedMillis - startedMillis);
    add(
      this.queue,
      times.endedMillis - times.startedMillis - times.computeMillis,
    );
    add(this.compute, times.computeMillis);
    add(this.output, endedMillis - times.endedMillis);
    this.rows += rows;
  }
}

function add(to: Duration, millis: number): void {
  to.count++;
  to.millis += Math.max(0, millis);
}
