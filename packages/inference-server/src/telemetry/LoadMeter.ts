import type { DataPlaneLoad } from '@greenroom/plugin-ai-inference-common';

/** Shares of so short a time say nothing. */
const SHORTEST_MILLIS = 500;

/** How busy this process is, from one report to the next. */
export class LoadMeter {
  readonly #requestsInFlight: () => number;
  readonly #requests: () => number;
  #since = { millis: performance.now(), requests: 0, cpu: process.cpuUsage() };
  #last: Pick<DataPlaneLoad, 'requestsPerSecond' | 'cpuShare'> = {
    requestsPerSecond: 0,
    cpuShare: 0,
  };

  constructor(options: {
    requestsInFlight: () => number;
    /** All since the start. */
    requests: () => number;
  }) {
    this.#requestsInFlight = options.requestsInFlight;
    this.#requests = options.requests;
  }

  read(): DataPlaneLoad {
    const millis = performance.now() - this.#since.millis;
    if (millis >= SHORTEST_MILLIS) {
      const cpu = process.cpuUsage(this.#since.cpu);
      const requests = this.#requests();
      this.#last = {
        requestsPerSecond: round(
          ((requests - this.#since.requests) / millis) * 1_000,
        ),
        cpuShare: round((cpu.user + cpu.system) / 1_000 / millis),
      };
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
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
