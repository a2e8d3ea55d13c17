import { runGit, type GitOutput, type RunGitOptions } from './runGit';

export type GitCall = Omit<RunGitOptions, 'gitDirectory'>;

const COMMIT_PATTERN = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const MOST_ANSWERS = 20_000;
/** Of an answer, and of all of them together. */
const MOST_CHARACTERS = 16 * 1024;
const MOST_CHARACTERS_OF_ALL = 16 * 1024 * 1024;

/** Whether it is the whole digest of a commit, which always stands for the same. */
export function isCommitId(revision: string): boolean {
  return COMMIT_PATTERN.test(revision);
}

/**
 * Runs Git on one repository. What was once found out about commits, which never
 * change, is remembered.
 */
export class GitCommand {
  readonly directory: string;
  /** Oldest first. */
  readonly #answers = new Map<
    string,
    { answer: Promise<unknown>; characters: number }
  >();
  #characters = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  run(call: GitCall): Promise<GitOutput> {
    return runGit({ gitDirectory: this.directory, ...call });
  }

  async text(call: GitCall): Promise<string> {
    return (await this.run(call)).stdout.toString('utf8');
  }

  textOnce(commits: string[], args: string[]): Promise<string> {
    return this.once(
      commits,
      args,
      () => this.text({ args }),
      text => text.length,
    );
  }

  /**
   * Asks only the first time, when the question is about commits and not about refs.
   *
   * @param sizeOf - characters of an answer, for those that may be long: what is too long, or `Infinity`, is not
   *   remembered
   */
  once<T>(
    commits: string[],
    question: string[],
    ask: () => Promise<T>,
    sizeOf: (answer: T) => number | undefined = () => 0,
  ): Promise<T> {
    if (!commits.every(isCommitId)) return ask();
    const key = question.join('\0');
    const known = this.#answers.get(key);
    if (known) return known.answer as Promise<T>;
    const answer = ask();
    const entry = { answer, characters: key.length };
    this.#answers.set(key, entry);
    this.#characters += entry.characters;
    const forget = () => {
      if (this.#answers.get(key) === entry) this.#forget(key);
    };
    answer.then(found => {
      const characters = sizeOf(found) ?? 0;
      if (characters > MOST_CHARACTERS) {
        forget();
      } else if (this.#answers.get(key) === entry) {
        entry.characters += characters;
        this.#characters += characters;
        this.#forgetOldest();
      }
    }, forget);
    this.#forgetOldest();
    return answer;
  }

  #forgetOldest(): void {
    for (const [key] of this.#answers) {
      const isFull =
        this.#answers.size > MOST_ANSWERS ||
        this.#characters > MOST_CHARACTERS_OF_ALL;
      if (!isFull) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#characters -= this.#answers.get(key)?.characters ?? 0;
    this.#answers.delete(key);
  }

  async lines(args: string[]): Promise<string[]> {
    return (await this.text({ args })).split('\n').filter(Boolean);
  }
}
