import { runGit, type GitOutput, type RunGitOptions } from './runGit';

export type GitCall = Omit<RunGitOptions, 'gitDirectory'>;

const COMMIT_PATTERN = /^[0-9a-f]{40,64}$/;
const MOST_REMEMBERED_ANSWERS = 2000;

/**
 * Runs Git on one repository. What was once found out about commits, which never
 * change, is remembered.
 */
export class GitCommand {
  readonly directory: string;
  readonly #answers = new Map<string, Promise<unknown>>();

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
    return this.once(commits, args, () => this.text({ args }));
  }

  /** Asks only the first time, when the question is about commits and not about refs. */
  once<T>(
    commits: string[],
    question: string[],
    ask: () => Promise<T>,
  ): Promise<T> {
    if (!commits.every(commit => COMMIT_PATTERN.test(commit))) return ask();
    const key = question.join('\0');
    const known = this.#answers.get(key) as Promise<T> | undefined;
    if (known) return known;
    const answer = ask();
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_REMEMBERED_ANSWERS) {
      this.#answers.delete(oldest);
    }
    return answer;
  }

  async lines(args: string[]): Promise<string[]> {
    return (await this.text({ args })).split('\n').filter(Boolean);
  }
}
