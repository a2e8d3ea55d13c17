import type { AnswerParser } from './AnswerReader';
import { GitChild } from './GitChild';
import { isCommitId } from './GitCommand';
import { GitError } from './runGit';

const MOVE = ['update-ref', '--stdin'];

/** Git writes the time into the log of a ref, and takes that of when it began. */
const LIFE_MILLIS = 30_000;

/**
 * Moves refs by a process that stays. It gives up at the first sign of trouble: then a command of its own finds out
 * what is wrong, which a lost race is as well.
 */
export class RefMover {
  readonly #child: GitChild;

  constructor(gitDirectory: string) {
    const lifeMillis = LIFE_MILLIS;
    this.#child = new GitChild({ gitDirectory, args: MOVE, lifeMillis });
  }

  /**
   * @param options - `from` is where it is now, undefined nowhere; `to` undefined removes it
   * @returns whether it was moved; it may have been when nobody can tell
   */
  async move(options: {
    ref: string;
    from: string | undefined;
    to: string | undefined;
  }): Promise<boolean> {
    const line = printMove(options);
    if (line === undefined) return false;
    try {
      await this.#child.ask(line, readDone, { isRepeatable: false });
      return true;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return false;
    }
  }

  /** Ends the process when it has done what it was asked. */
  close(): Promise<void> {
    return this.#child.close();
  }
}

/** Undefined for what cannot be said in a line. */
function printMove(options: {
  ref: string;
  from: string | undefined;
  to: string | undefined;
}): string | undefined {
  const { ref, from, to } = options;
  const known = to ?? from;
  const isPlain =
    known !== undefined &&
    [from, to].every(id => id === undefined || isCommitId(id)) &&
    /^refs\/[!-~]+$/.test(ref) &&
    !ref.includes('"');
  if (!isPlain) return undefined;
  const before = from ?? '0'.repeat(known.length);
  const change =
    to === undefined
      ? `delete ${ref} ${before}`
      : `update ${ref} ${to} ${before}`;
  return `start\n${change}\ncommit`;
}

/** Both parts of a change are answered in a line of their own. */
function* readDone(): AnswerParser<void> {
  for (const part of ['start', 'commit']) {
    const line = (yield 'line').toString('utf8');
    if (line !== `${part}: ok`) throw new GitError(MOVE, undefined, line);
  }
}
