import type { DataPlaneLoad } from '@greenroom/plugin-ai-inference-common';

/** Shares of so short a time say nothing. */
const SHORTEST_MILLIS = 500;
/** How often it is looked at what is in flight, so that a mean is not the chance of one moment. */
const LOOK_MILLIS = 100;

type Since = Pick<
  DataPlaneLoad,
  | 'requestsPerSecond'
  | 'cpuShare'
  | 'meanRequestsInFlight'
  | 'meanRequestsQueued'
>;

/** How busy this process is, from one report to the next. */
export class LoadMeter {
  readonly #requestsInFlight: () => number;
  readonly #requestsQueued: () => number;
  readonly #requests: () => number;
  readonly #timer: NodeJS.Timeout;
  #since = { millis: performance.now(), requests: 0, cpu: process.cpuUsage() };
  #looks = { count: 0, inFlight: 0, queued: 0 };
  #last: Since = { requestsPerSecond: 0, cpuShare: 0 };

  constructor(options: {
    requestsInFlight: () => number;
    /** Of those in flight, which wait for a batch. */
    requestsQueued: () => number;
    /** All since the start. */
    requests: () => number;
  }) {
    this.#requestsInFlight = options.requestsInFlight;
    this.#requestsQueued = options.requestsQueued;
    this.#requests = options.requests;
    this.#timer = setInterval(() => this.#look(), LOOK_MILLIS);
    this.#timer.unref();
  }

  read(): DataPlaneLoad {
    const millis = performance.now() - this.#since.millis;
    if (millis >= SHORTEST_MILLIS) {
      const cpu = process.cpuUsage(this.#since.cpu);
      const requests = this.#requests();
      const { count, inFlight, queued } = this.#looks;
      this.#last = {
        requestsPerSecond: round(
          ((requests - this.#since.requests) / millis) * 1_000,
        ),
        cpuShare: round((cpu.user + cpu.system) / 1_000 / millis),
        // A thread that was held looks late, and at what has gathered meanwhile.
        ...(count > 0 && {
          meanRequestsInFlight: round(inFlight / count),
          meanRequestsQueued: round(queued / count),
        }),
      };
      this.#looks = { count: 0, inFlight: 0, queued: 0 };
      this.#since = {
        millis: performance.now(),
        requests,
        cpu: process.cpuUsage(),
      };
    }
    return {
      ...this.#last,
      requestsInFlight: this.#requestsInFlight(),
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#looks.count++;
    this.#looks.inFlight += this.#requestsInFlight();
    this.#looks.queued += this.#requestsQueued();
  }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
