/**
 * Where the environments repository lives and its change requests are reviewed.
 *
 * @remarks
 *
 * Each call may be repeated: what it asks for is done at most once, so a caller
 * that died half-way simply asks again. Revisions are full Git commit ids.
 */
export interface GitHost {
  /** Newest revision of the main branch. */
  mainRevision(): Promise<string>;

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

  /** A branch as it stands against main; undefined where it does not exist. */
  getBranch(branch: string): Promise<Branch | undefined>;

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
   * go on from there.
   *
   * @throws InputError for a cursor of somebody else's, and for a limit that is out of bounds
   */
  listChangeRequests(query?: ChangeRequestQuery): Promise<ChangeRequestPage>;

  /** Files that differ between two revisions. */
  changedPaths(options: { from: string; to: string }): Promise<string[]>;

  updateChangeRequest(
    number: number,
    changes: { title?: string; body?: string },
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
}

/** Author of a commit, a review or a comment. */
export interface Person {
  name: string;
  email: string;
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
  /** Everybody who wrote a commit of the branch that main does not have. */
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

/** A request to merge a branch into main. */
export interface ChangeRequest {
  number: number;
  title: string;
  /** Markdown. */
  body: string;
  branch: string;
  author: Person;
  /** Page of the Git host; undefined when it is reviewed in the portal alone. */
  url?: string;
  state: 'open' | 'merged' | 'closed';
  /** Newest revision of the branch, or the last one it had. */
  head: string;
  /** Commit on main's own line of history that brought the change in, once merged. */
  mergeCommit?: string;
  approvals: { author: Person; head: string }[];
  comments: { author: Person; text: string; at: string }[];
}

export type MergeResult =
  | { outcome: 'merged'; commit: string }
  /** Somebody changed the branch: look again before merging. */
  | { outcome: 'head-moved'; head: string }
  /** Main has other content for these files than the branch started from. */
  | { outcome: 'conflict'; paths: string[] }
  /** The change request was closed, or its branch removed. */
  | { outcome: 'closed' };
