import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MILLIS = 20;

/** Callers who ask one after the other, each about fifty times a second, until they are told to stop. */
export class SteadyLoad {
  answered = 0;
  readonly failures: { caller: number; why: string }[] = [];
  readonly #ask: () => Promise<Response>;
  readonly #running: Promise<void>[];
  #isStopped = false;

  constructor(options: { callers: number; ask: () => Promise<Response> }) {
    this.#ask = options.ask;
    this.#running = Array.from({ length: options.callers }, (_, caller) =>
      this.#call(caller),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  async #call(caller: number): Promise<void> {
    while (!this.#isStopped) {
      try {
        const answer = await this.#ask();
        const text = await answer.text();
        if (answer.ok) this.answered += 1;
        else this.failures.push({ caller, why: `${answer.status} ${text}` });
      } catch (error) {
        this.failures.push({ caller, why: String(error) });
      }
      await sleep(PAUSE_MILLIS);
    }
  }
}
