import type { GitHostDescription } from '@greenroom/plugin-ai-registry-common';

/**
 * What cannot be asked of the Git host now, and may be later without anybody changing what is asked:
 * it is down, has had enough of us, or does not let us in.
 */
export function isHostAway(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'isHostAway' in error &&
    error.isHostAway === true
  );
}

/**
 * Where the environments repository lives and its change requests are reviewed.
 *
 * @remarks
 *
 * Each call may be repeated: what it asks for is done at most once, so a caller
 * that died half-way simply asks again. Revisions are full Git commit ids.
 */
export interface GitHost {
  /**
   * Newest revision of the main branch, as it was seen last.
   *
   * @param options.fresh - as it is at the host now; fails while the host is away
   */
  mainRevision(options?: { fresh?: boolean }): Promise<string>;

  /**
   * Differs from an earlier answer whenever main, a branch or a change request
   * may have changed; cheap to ask often.
   */
  changeToken(): Promise<string>;

  /** Content of a file; undefined where it does not exist. */
  readFile(options: {
    path: string;
    revision: string;
  }): Promise<string | undefined>;

  /** All files below a folder, sorted by path. Of a larger file than `maxFileBytes` only the size is told. */
  listFiles(options: {
    folder: string;
    revision: string;
    maxFileBytes: number;
  }): Promise<RepositoryFile[]>;

  /** Whether a revision has another one in its past; false when that is not known at all. */
  descendsFrom(options: {
    revision: string;
    ancestor: string;
  }): Promise<boolean>;

  /** The commit on main's own line of history that last changed, added or removed the path; `.` is any path. */
  lastChange(options: {
    path: string;
    revision: string;
  }): Promise<Commit | undefined>;

  /**
   * A branch as it stands against main; undefined where it does not exist.
   *
   * @param options.head - the revision that it is asked about: where another one was seen last, it is looked at again
   */
  getBranch(
    branch: string,
    options?: { head?: string },
  ): Promise<Branch | undefined>;

  /**
   * Makes the branch's files have the given content: a branch that is missing
   * starts at main, one that has the content already is left alone, any other
   * gets one commit on top.
   */
  ensureBranch(options: {
    branch: string;
    changes: FileChange[];
    message: string;
    author: Person;
    /** Forget what the branch holds and start again at main. */
    startOver?: boolean;
  }): Promise<Branch>;

  /** Opens a change request to merge the branch into main, or returns the open one of the branch. */
  openChangeRequest(options: {
    branch: string;
    title: string;
    body: string;
    author: Person;
  }): Promise<ChangeRequest>;

  /** @throws NotFoundError */
  getChangeRequest(number: number): Promise<ChangeRequest>;

  /**
   * A page, newest first. The first page says what Git says by then; those after it
   * go on from there. `checks` and `deployments` may be those that were told last:
   * asked for one, a host says how they stand now.
   *
   * @throws InputError for a cursor of somebody else's, and for a limit that is out of bounds
   */
  listChangeRequests(query?: ChangeRequestQuery): Promise<ChangeRequestPage>;

  /** Files that differ between two revisions. */
  changedPaths(options: { from: string; to: string }): Promise<string[]>;

  updateChangeRequest(
    number: number,
    changes: {
      title?: string;
      body?: string;
      /** It gets those that it lacks, and keeps the others. At most {@link LABEL_CHARACTERS} each. */
      labels?: readonly string[];
    },
  ): Promise<void>;

  commentOnChangeRequest(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void>;

  /** Records that the person approves exactly this revision of the branch. */
  approveChangeRequest(
    number: number,
    approval: { author: Person; head: string },
  ): Promise<void>;

  /** Merges exactly this revision of the branch; merging what is merged returns the same commit. */
  mergeChangeRequest(
    number: number,
    options: { expectedHead: string; message: string; author: Person },
  ): Promise<MergeResult>;

  /** Closes without merging and removes the branch; nothing happens to one that is not open. */
  closeChangeRequest(
    number: number,
    options: { author: Person; reason: string },
  ): Promise<void>;

  /** Unified diff of what the change request changes, or changed. */
  diffOfChangeRequest(number: number): Promise<string>;

  /** The change request whose merge made this commit on main. */
  changeRequestMergedBy(commit: string): Promise<number | undefined>;

  /**
   * Tells how checks of this revision stand. Told again, one of the same name is
   * replaced; others stay. A revision that is not the branch's newest is left alone.
   */
  publishChecks(
    number: number,
    options: { head: string; checks: Check[] },
  ): Promise<void>;

  /** Tells how far the change is in an environment; the newest word on an environment counts. */
  reportDeployment(number: number, deployment: DeploymentReport): Promise<void>;

  /**
   * Calls the listener whenever something may have changed: a hint, which may be lost
   * or come twice. Asking stays the truth.
   *
   * @returns what ends it
   */
  watch(listener: () => void): () => void;

  /** What kind of host it is, and what is not set up there. */
  describe(): GitHostDescription;
}

/** Author of a commit, a review or a comment. */
export interface Person {
  name: string;
  email: string;
  /** Name of the account at the Git host, where the host has accounts. */
  account?: string;
  /** The account is a program's. */
  isBot?: true;
}

export type CheckState =
  | 'running'
  | 'passed'
  | 'failed'
  /** Neither good nor bad: it does not apply, or it only informs. */
  | 'neutral'
  /** Something outside has to happen first: time has to pass, or somebody has to act. */
  | 'waiting';

/** How one thing that is looked at before a merge stands. */
export interface Check {
  /** What it is told apart by. */
  name: string;
  /** One line that says how it stands. */
  title: string;
  state: CheckState;
  /** Markdown. */
  summary: string;
  /** Page with more. */
  url?: string;
  annotations: CheckAnnotation[];
}

/** A remark on a line of a file that the change request changes. */
export interface CheckAnnotation {
  path: string;
  /** Counted from 1. */
  line: number;
  level: 'notice' | 'warning' | 'failure';
  message: string;
}

export type DeploymentState =
  /** Before it is merged, or before the environment has begun with it. */
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  /** Something else was asked for before it was finished. */
  | 'superseded';

/** How far a change is in an environment. */
export interface DeploymentReport {
  environment: string;
  state: DeploymentState;
  /** One line. */
  description: string;
  /** Page of the environment. */
  url?: string;
}

export interface RepositoryFile {
  path: string;
  sizeBytes: number;
  /** Undefined for a file that is larger than was asked for. */
  content?: string;
}

export interface FileChange {
  path: string;
  /** Undefined removes the file. */
  content: string | undefined;
}

export interface Commit {
  revision: string;
  author: Person;
  /** First line of the message. */
  subject: string;
  /** ISO 8601. */
  committedAt: string;
}

/** A branch compared with main. */
export interface Branch {
  name: string;
  head: string;
  /** Everybody who wrote a commit of the branch that main does not have, and whoever pushed to it, where the host knows. */
  contributors: Person[];
  /** Files that the branch changes. */
  changedPaths: string[];
  /** Files that both the branch and main changed, differently, since they parted. */
  conflicts: string[];
}

/** Most that one page of change requests holds, and what it holds when nobody asks for less. */
export const CHANGE_REQUESTS_PER_PAGE = 100;

export interface ChangeRequestQuery {
  state?: ChangeRequest['state'];
  branch?: string;
  /** 1 to {@link CHANGE_REQUESTS_PER_PAGE}, which it is when left out. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  cursor?: string;
}

export interface ChangeRequestPage {
  items: ChangeRequest[];
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}

/** Most that a label of a change request may have. */
export const LABEL_CHARACTERS = 50;

/** A request to merge a branch into main. */
export interface ChangeRequest {
  number: number;
  title: string;
  /** Markdown. */
  body: string;
  /** With whose fork it lies in before a colon, where it is no branch of the repository itself. */
  branch: string;
  isFromFork?: boolean;
  /** What it is found by on the Git host, besides its words. */
  labels: string[];
  author: Person;
  /** Page of the Git host; undefined when it is reviewed in the portal alone. */
  url?: string;
  state: 'open' | 'merged' | 'closed';
  /** Newest revision of the branch, or the last one it had. */
  head: string;
  /** Commit on main's own line of history that brought the change in, once merged. */
  mergeCommit?: string;
  /** Those that count now, given in the portal or on the Git host. */
  approvals: { author: Person; head: string }[];
  /** Who asks on the Git host for changes, and has not taken it back. */
  objections: { author: Person; text: string; at: string }[];
  comments: { author: Person; text: string; at: string }[];
  /** Of the head. */
  checks: Pick<Check, 'name' | 'state' | 'title'>[];
  /** The newest word on each environment; `at` is when it was told. */
  deployments: (Omit<DeploymentReport, 'url'> & { at: string })[];
}

export type MergeResult =
  | { outcome: 'merged'; commit: string }
  /** Somebody changed the branch: look again before merging. */
  | { outcome: 'head-moved'; head: string }
  /** Main has other content for these files than the branch started from. */
  | { outcome: 'conflict'; paths: string[] }
  /** The change request was closed, or its branch removed. */
  | { outcome: 'closed' }
  /** The rules of the Git host do not let it be merged, or not yet: ask again. */
  | { outcome: 'refused'; reason: string }
  /** It waits in the Git host's own queue: ask again. */
  | { outcome: 'queued'; reason: string };
