import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { AnswerReader, type AnswerParser } from './AnswerReader';
import {
  collect,
  DEFAULT_TIMEOUT_MILLIS,
  explainSpawnError,
  gitEnvironment,
  GitError,
  MAX_ERROR_BYTES,
} from './runGit';

/** Starting it again costs as much as one command; until then it takes a little memory. */
const DEFAULT_IDLE_MILLIS = 30_000;
const DEFAULT_LIFE_MILLIS = 10 * 60_000;
/** How long one that is not needed any more may take to end. */
const END_MILLIS = 5_000;
/** Whoever ends the process from outside means the process, not the question. */
const MOST_ATTEMPTS = 2;

export interface GitChildOptions {
  /** The repository's own folder, as `--git-dir`. */
  gitDirectory: string;
  /** A command that answers each line that it is given, in order, and waits for the next one. */
  args: string[];
  /** For each question, from when the one before is answered. */
  timeoutMillis?: number;
  /** Ends by itself when nobody has asked anything for so long. */
  idleMillis?: number;
  /** Ends when it is so old and nobody asks: Git remembers some things as they were when it began. */
  lifeMillis?: number;
}

interface Question {
  line: string;
  /** Called again when it is asked again. */
  parse(): AnswerParser<unknown>;
  attempts: number;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** One life of the process. */
interface Life {
  process: ChildProcessWithoutNullStreams;
  ended: Promise<unknown>;
  startedMillis: number;
  errors: { read(): Buffer };
  /** Why it was killed; undefined while it was not. */
  why?: Error;
}

/**
 * A Git command that stays and answers one question after the other, so that a question does not
 * cost a process.
 *
 * @remarks
 *
 * Questions may be asked at the same time; they are answered in order. When the process dies,
 * the question that it was at is asked once more, and those behind it as if nothing had happened. What
 * takes too long, or cannot be understood, fails alone: the process is replaced for the others.
 */
export class GitChild {
  readonly #options: Required<GitChildOptions>;
  readonly #questions: Question[] = [];
  readonly #lives = new Set<Life>();
  #current: { life: Life; reader: AnswerReader | undefined } | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: GitChildOptions) {
    this.#options = {
      timeoutMillis: DEFAULT_TIMEOUT_MILLIS,
      idleMillis: DEFAULT_IDLE_MILLIS,
      lifeMillis: DEFAULT_LIFE_MILLIS,
      ...options,
    };
  }

  /**
   * @param line - without an end of line
   * @param parse - takes the answer apart
   * @param options - `isRepeatable: false` fails at once when the process dies
   */
  ask<T>(
    line: string,
    parse: () => AnswerParser<T>,
    { isRepeatable = true }: { isRepeatable?: boolean } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const question: Question = {
        line,
        parse,
        attempts: isRepeatable ? 0 : MOST_ATTEMPTS - 1,
        resolve: resolve as (answer: unknown) => void,
        reject,
      };
      this.#questions.push(question);
      clearTimeout(this.#idle);
      if (this.#current) {
        this.#write(question);
      } else {
        this.#begin();
      }
      if (this.#questions.length === 1) this.#next();
    });
  }

  /** Ends the process when all is answered; what is asked later is answered, and ends it again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#questions.length === 0) this.#retire();
    while (this.#lives.size > 0) {
      await Promise.all([...this.#lives].map(({ ended }) => ended));
    }
  }

  /** Starts the process, and asks it everything that is not answered. */
  #begin(): void {
    const { gitDirectory, args } = this.#options;
    const process = spawn('git', [`--git-dir=${gitDirectory}`, ...args], {
      env: gitEnvironment(gitDirectory),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const life: Life = {
      process,
      ended: once(process, 'close').catch(() => {}),
      startedMillis: performance.now(),
      errors: collect(process.stderr, MAX_ERROR_BYTES),
    };
    this.#lives.add(life);
    life.ended.then(() => this.#lives.delete(life));
    this.#current = { life, reader: undefined };
    // It may be gone already; its end tells the story.
    process.stdin.on('error', () => {});
    process.stdout.on('data', (chunk: Buffer) => this.#take(life, chunk));
    process.on('error', error => this.#end(life, explainSpawnError(error)));
    process.on('close', code => {
      const detail = life.errors.read().toString('utf8');
      this.#end(
        life,
        life.why ?? new GitError(args, code ?? undefined, detail),
      );
    });
    this.#questions.forEach(question => this.#write(question));
  }

  #write({ line }: Question): void {
    this.#current?.life.process.stdin.write(`${line}\n`);
  }

  /** Waits for the answer to the first question. */
  #next(): void {
    clearTimeout(this.#timeout);
    const [question] = this.#questions;
    const current = this.#current;
    if (!question) {
      this.#rest();
      return;
    }
    if (!current) return;
    hold(current.life, true);
    question.attempts += 1;
    current.reader = new AnswerReader(question.parse());
    const { args, timeoutMillis } = this.#options;
    this.#timeout = setTimeout(() => {
      const why = `it took longer than ${timeoutMillis} ms`;
      this.#giveUp(current.life, new GitError(args, undefined, why));
    }, timeoutMillis);
  }

  #take(life: Life, chunk: Buffer): void {
    const current = this.#current;
    // What is said after it was given up is not listened to.
    if (current?.life !== life) return;
    let rest = chunk;
    while (rest.length > 0 && this.#current === current) {
      const { reader } = current;
      if (!reader) {
        const why = 'it said something that nobody had asked for';
        this.#giveUp(life, new GitError(this.#options.args, undefined, why));
        return;
      }
      try {
        rest = reader.take(rest);
      } catch (error) {
        this.#giveUp(life, error as Error);
        return;
      }
      if (reader.answer) {
        current.reader = undefined;
        this.#questions.shift()?.resolve(reader.answer.value);
        this.#next();
      }
    }
  }

  /** The first question fails; the others are asked of a new process. */
  #giveUp(life: Life, error: Error): void {
    life.why = error;
    const [question] = this.#questions;
    if (question) question.attempts = MOST_ATTEMPTS;
    life.process.kill('SIGKILL');
    this.#end(life, error);
  }

  #end(life: Life, error: Error): void {
    const { process } = life;
    if (this.#current?.life !== life) return;
    this.#current = undefined;
    const [question] = this.#questions;
    if (question && (question.attempts >= MOST_ATTEMPTS || !process.pid)) {
      this.#questions.shift();
      question.reject(error);
    }
    if (this.#questions.length > 0) this.#begin();
    this.#next();
  }

  /** Nothing is asked: it may stay for a while, and keeps nobody from ending. */
  #rest(): void {
    if (!this.#current) return;
    const { life } = this.#current;
    const { idleMillis, lifeMillis } = this.#options;
    const ageMillis = performance.now() - life.startedMillis;
    if (this.#isClosed || ageMillis > lifeMillis) {
      this.#retire();
      return;
    }
    hold(life, false);
    this.#idle = setTimeout(() => this.#retire(), idleMillis);
    this.#idle.unref();
  }

  /** It ends when it sees that nothing more comes. */
  #retire(): void {
    clearTimeout(this.#idle);
    const life = this.#current?.life;
    if (!life) return;
    this.#current = undefined;
    life.process.stdin.end();
    const timer = setTimeout(() => life.process.kill('SIGKILL'), END_MILLIS);
    timer.unref();
    life.process.once('close', () => clearTimeout(timer));
  }
}

/** Whether the program has to stay for this process. */
function hold({ process }: Life, isHeld: boolean): void {
  const parts = [process, process.stdin, process.stdout, process.stderr];
  for (const part of parts) {
    if (part !== process && !(part instanceof Socket)) continue;
    if (isHeld) part.ref();
    else part.unref();
  }
}
