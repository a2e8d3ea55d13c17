import {
  ENDED_PHASES,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { setTimeout as wait } from 'node:timers/promises';
import type { Job } from '../actions/Action';
import { CommandError, EXIT_CODES } from '../CommandError';
import { asFailure, isPassing } from '../portal/Portal';
import { progressText, stateLine } from './jobWords';
import { LogPrinter } from './LogPrinter';

const POLL_MILLIS = 2_000;
/** A portal that is updated is away for a while. */
const MOST_AWAY_MILLIS = 10 * 60_000;

/** Says each thing when it has changed. */
class ChangesSaid {
  readonly #say: (line: string) => void;
  readonly #last = new Map<string, string>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  say(about: string, line: string | undefined): void {
    if (line === undefined || this.#last.get(about) === line) return;
    this.#last.set(about, line);
    this.#say(line);
  }
}

/** Prints what one attempt after the other has written. */
export class LogReader {
  readonly #job: Job;
  readonly #id: string;
  readonly #say: (line: string) => void;
  readonly #printer: LogPrinter;
  #attempt: number;
  #fromByte = 0;
  #hasSaid = false;

  constructor(
    job: Job,
    options: {
      id: string;
      print(text: string): void;
      say(line: string): void;
      /** Where it begins. */
      attempt: number;
    },
  ) {
    this.#job = job;
    this.#id = options.id;
    this.#say = options.say;
    this.#attempt = options.attempt;
    this.#printer = new LogPrinter({
      print: options.print,
      isTerminal: job.context.columns !== undefined,
    });
  }

  /** Prints what has come since, of each attempt that there is. */
  async readOn({ attempts }: Pick<TrainingJob, 'attempts'>): Promise<void> {
    const newest = attempts.at(-1)?.number ?? 0;
    while (this.#attempt <= newest) {
      if (this.#attempt > 1 && !this.#hasSaid) {
        this.#say(`attempt ${this.#attempt}:`);
        this.#hasSaid = true;
      }
      const isWhole = await this.readAttempt();
      if (!isWhole || this.#attempt === newest) return;
      this.#printer.end();
      this.#attempt += 1;
      this.#fromByte = 0;
      this.#hasSaid = false;
    }
  }

  /** Prints what its attempt has written since. @returns whether nothing comes any more */
  async readAttempt(): Promise<boolean> {
    const { portal, signal } = this.#job;
    for (;;) {
      const part = await portal.training.readJobLog(
        { job: this.#id, attempt: this.#attempt, fromByte: this.#fromByte },
        { signal },
      );
      this.#printer.add(part.text);
      const isNothing = part.nextByte <= this.#fromByte;
      this.#fromByte = Math.max(this.#fromByte, part.nextByte);
      if (part.isEnd || isNothing) return part.isEnd;
    }
  }

  /** Prints what has no end of a line. */
  end(): void {
    this.#printer.end();
  }
}

/** What is followed of a job. */
export interface Followed {
  id: string;
  /** What its attempts write is printed, too, from this one on. */
  log?: { attempt: number; print(text: string): void };
  /** Says what becomes of it. */
  say(line: string): void;
  /** As long as it takes when left out. */
  timeoutMillis?: number;
}

/**
 * Says why a job waits and how far it is whenever that changes, until it has ended; how, whoever follows it says. What a portal that is away for a
 * while misses is told when it is back: the log goes on at the byte where it was.
 *
 * @returns undefined when it has not ended in time
 */
export async function followJob(
  job: Job,
  followed: Followed,
): Promise<TrainingJob | undefined> {
  const { portal, context, signal } = job;
  const { id, say, timeoutMillis = Infinity } = followed;
  const pauseMillis = context.pollMillis ?? POLL_MILLIS;
  const log = followed.log && new LogReader(job, { id, say, ...followed.log });
  const startedMillis = Date.now();
  let answeredMillis = startedMillis;
  const said = new ChangesSaid(say);
  try {
    for (;;) {
      try {
        const looked = await portal.training.getJob(id, { signal });
        said.say('progress', progressText(looked));
        await log?.readOn(looked);
        if (ENDED_PHASES.includes(looked.state.phase)) return looked;
        said.say('state', stateLine(looked));
        answeredMillis = Date.now();
      } catch (error) {
        signal.throwIfAborted();
        const isLong = Date.now() - answeredMillis > MOST_AWAY_MILLIS;
        if (!isPassing(error) || isLong) throw asFailure(error);
        said.say('away', (error as Error).message);
      }
      if (Date.now() - startedMillis + pauseMillis > timeoutMillis) {
        return undefined;
      }
      await wait(pauseMillis, undefined, { signal });
    }
  } catch (error) {
    // It is the following that Ctrl+C ends.
    if (signal.aborted) {
      context.complain(
        `greenroom: the job goes on; greenroom train cancel ${id} ends it`,
      );
    }
    throw error;
  } finally {
    log?.end();
  }
}

/** @throws CommandError that says which of its ends it was, unless it succeeded */
export function throwUnlessSucceeded(ended: TrainingJob): void {
  const { phase } = ended.state;
  if (phase === 'succeeded') return;
  throw new CommandError(
    stateLine(ended),
    phase === 'cancelled' ? EXIT_CODES.cancelled : EXIT_CODES.failed,
  );
}
