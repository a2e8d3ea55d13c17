import { ConflictError } from '@backstage/errors';
import type { Branch, FileChange, Person } from '../../environments/GitHost';
import type { GitRepository } from './GitRepository';
import type { GitWriter } from './GitWriter';
import type { OpenedRepository } from './openGit';
import { branchRef, mainRevisionOf } from './refs';

/** How often a lost race for a ref is run again before the caller hears of it. */
const RACE_ATTEMPTS = 5;

export interface EnsureBranch {
  branch: string;
  changes: FileChange[];
  message: string;
  author: Person;
  /** Forget what the branch holds and start again at main. */
  startOver?: boolean;
}

/** How branches move where the repository really lives. */
export interface BranchMoves {
  /**
   * Moves a branch that still is where the caller saw it (`from`; undefined: it does not exist).
   *
   * @returns false when somebody else was faster
   */
  move(options: {
    branch: string;
    from: string | undefined;
    to: string;
  }): Promise<boolean>;
}

/** Branches of a bare repository: what they change, and how they come to have the wanted files. */
export class Branches {
  readonly #repository: GitRepository;
  readonly #writer: GitWriter;
  readonly #moves: BranchMoves;

  constructor(
    opened: Pick<OpenedRepository, 'repository' | 'writer'>,
    moves: BranchMoves,
  ) {
    this.#repository = opened.repository;
    this.#writer = opened.writer;
    this.#moves = moves;
  }

  /** @param inFork - its newest commit, where it is no branch of this repository */
  async get(branch: string, inFork?: string): Promise<Branch | undefined> {
    const head = inFork ?? (await this.#repository.resolve(branchRef(branch)));
    return head ? this.#describe(branch, head) : undefined;
  }

  /** Makes the branch's files have the given content, with one commit at most. */
  async ensure(options: EnsureBranch): Promise<Branch> {
    const { branch, changes, message, author } = options;
    const ref = branchRef(branch);
    for (let attempt = 0; attempt < RACE_ATTEMPTS; attempt++) {
      const main = await mainRevisionOf(this.#repository);
      const existing = await this.#repository.resolve(ref);
      const base =
        existing && (await this.#repository.mergeBase(main, existing));
      const isMerged = base !== undefined && base === existing;
      if (
        existing &&
        !isMerged &&
        (!options.startOver || base === main) &&
        (await this.#hasContent(existing, changes))
      ) {
        return this.#describe(branch, existing);
      }
      const parent =
        existing && !isMerged && !options.startOver ? existing : main;
      const head = (await this.#hasContent(parent, changes))
        ? parent
        : await this.#writer.commitFiles({ parent, changes, message, author });
      const moved =
        head === existing ||
        (await this.#moves.move({ branch, from: existing, to: head }));
      if (moved) return this.#describe(branch, head);
    }
    throw new ConflictError(
      `Branch '${branch}' keeps changing while it is written: try again`,
    );
  }

  async #hasContent(revision: string, changes: FileChange[]): Promise<boolean> {
    for (const { path, content } of changes) {
      const found = await this.#repository.readFile({ path, revision });
      if (found !== content) return false;
    }
    return true;
  }

  async #describe(name: string, head: string): Promise<Branch> {
    const main = await mainRevisionOf(this.#repository);
    const [base, contributors, merged] = await Promise.all([
      this.#repository.mergeBase(main, head),
      this.#repository.contributors(main, head),
      this.#writer.mergeTrees(main, head),
    ]);
    return {
      name,
      head,
      contributors,
      changedPaths: await this.#repository.changedPaths(base ?? main, head),
      conflicts: 'conflicts' in merged ? merged.conflicts : [],
    };
  }
}
