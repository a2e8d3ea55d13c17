import type { AttemptEnd } from '@greenroom/plugin-ai-training-common';
import {
  type AttemptId,
  BackendAwayError,
  type LogPart,
  type ObservedAttempt,
  type TrainingBackend,
  type WantedAttempt,
} from '../../backends/TrainingBackend';

/** A backend without programs: tests say what becomes of what is begun. Like all, it keeps attempts by their ids. */
export class MemoryBackend implements TrainingBackend {
  readonly name = 'memory';
  readonly defaultFlavor = 'slot';
  readonly attempts = new Map<
    string,
    { wanted: WantedAttempt; state: ObservedAttempt['state']; log: string }
  >();
  /** All that was ever begun, by its id; each once. */
  readonly begun: string[] = [];
  /** Ids whose checkpoints were removed. */
  readonly forgotten: string[] = [];
  slots = 2;
  isAway = false;
  /** What becomes of an attempt when it is told to stop; it ends at once where nothing is said. */
  onStop: (key: string) => AttemptEnd | undefined = () => ({
    kind: 'program-failed',
    exitCode: 143,
    lastLines: '',
  });
  problem: string | undefined;

  async capacity() {
    return new Map([['slot', this.slots as number | undefined]]);
  }

  problemWith() {
    return this.problem;
  }

  async start(wanted: WantedAttempt, token: string): Promise<void> {
    this.#requireThere();
    if (!token.startsWith('grt_')) throw new Error('no token');
    const key = keyOf(wanted);
    if (this.attempts.has(key)) return;
    this.begun.push(key);
    this.attempts.set(key, {
      wanted,
      state: { phase: 'starting', reason: { kind: 'creating' } },
      log: `This is ${key}\n`,
    });
  }

  async stop(id: AttemptId): Promise<void> {
    this.#requireThere();
    const key = keyOf(id);
    const attempt = this.attempts.get(key);
    if (!attempt || attempt.state.phase === 'ended') return;
    const end = this.onStop(key);
    if (end) attempt.state = { phase: 'ended', end };
  }

  async observe(): Promise<ObservedAttempt[]> {
    this.#requireThere();
    return [...this.attempts.values()].map(({ wanted, state }) => ({
      job: wanted.job,
      number: wanted.number,
      state,
    }));
  }

  async readLog(
    id: AttemptId,
    { fromByte, mostBytes }: { fromByte: number; mostBytes: number },
  ): Promise<LogPart> {
    this.#requireThere();
    const attempt = this.attempts.get(keyOf(id));
    const bytes = Buffer.from(attempt?.log ?? '').subarray(
      fromByte,
      fromByte + mostBytes,
    );
    return {
      bytes,
      fromByte,
      isEnd: attempt === undefined || attempt.state.phase === 'ended',
    };
  }

  async release(id: AttemptId): Promise<void> {
    this.#requireThere();
    this.attempts.delete(keyOf(id));
  }

  async forget(job: string): Promise<void> {
    this.forgotten.push(job);
  }

  async close(): Promise<void> {}

  /** Has all that are starting run. */
  run(): void {
    for (const attempt of this.attempts.values()) {
      if (attempt.state.phase === 'starting') {
        attempt.state = {
          phase: 'running',
          startedAt: new Date().toISOString(),
        };
      }
    }
  }

  /** Has all wait that have not ended, as Kueue does. */
  hold(): void {
    for (const attempt of this.attempts.values()) {
      if (attempt.state.phase === 'ended') continue;
      attempt.state = {
        phase: 'starting',
        reason: { kind: 'kueue', queue: 'all' },
      };
    }
  }

  /** Has all that are running, or one, end. */
  end(end: AttemptEnd = { kind: 'succeeded' }, key?: string): void {
    for (const [its, attempt] of this.attempts) {
      const isMeant = key === undefined || its === key;
      if (isMeant && attempt.state.phase !== 'ended') {
        attempt.state = { phase: 'ended', end };
      }
    }
  }

  #requireThere(): void {
    if (this.isAway) throw new BackendAwayError('the backend is away');
  }
}

export function keyOf({ job, number }: AttemptId): string {
  return `${job}.${number}`;
}
