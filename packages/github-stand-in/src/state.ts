/** Somebody who has an account: a person, an organization, or an App's bot. */
export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization' | 'Bot';
  email: string;
}

export interface Review {
  id: number;
  author: string;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
  /** The head that was looked at. */
  commit: string;
  submittedAt: string;
}

export interface Comment {
  id: number;
  author: string;
  body: string;
  createdAt: string;
  updatedAt: string;
}

export interface Pull {
  id: number;
  number: number;
  title: string;
  body: string | null;
  branch: string;
  /** Login of whose fork the branch lies in; undefined for one of the repository itself. */
  fork: string | undefined;
  /** The branch that it goes into. */
  into: string;
  author: string;
  state: 'open' | 'closed';
  head: string;
  /** Main when it was opened, or last looked at. */
  base: string;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
  mergeCommit: string | null;
  mergedBy: string | null;
  labels: string[];
  reviews: Review[];
  comments: Comment[];
}

export interface CheckRun {
  id: number;
  name: string;
  head: string;
  status: string;
  conclusion: string | null;
  detailsUrl: string | null;
  externalId: string | null;
  title: string | null;
  summary: string | null;
  annotations: {
    path: string;
    start_line: number;
    end_line: number;
    annotation_level: string;
    message: string;
  }[];
  startedAt: string;
  completedAt: string | null;
}

export interface CommitStatus {
  id: number;
  commit: string;
  context: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  description: string | null;
  targetUrl: string | null;
  creator: string;
  at: string;
}

export interface Deployment {
  id: number;
  commit: string;
  ref: string;
  task: string;
  environment: string;
  description: string | null;
  creator: string;
  at: string;
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  state: string;
  description: string;
  environmentUrl: string;
  creator: string;
  at: string;
}

export interface Ruleset {
  id: number;
  name: string;
  target: 'branch';
  enforcement: 'active' | 'disabled' | 'evaluate';
  conditions?: { ref_name?: { include?: string[]; exclude?: string[] } };
  rules: { type: string; parameters?: Record<string, unknown> }[];
}

/** Somebody moved a branch. */
export interface Activity {
  id: number;
  ref: string;
  before: string;
  after: string;
  type:
    | 'push'
    | 'force_push'
    | 'branch_creation'
    | 'branch_deletion'
    | 'pr_merge';
  actor: string;
  at: string;
}

/** What may be done with an App's tokens. */
export type Permissions = Record<string, 'read' | 'write'>;

export interface App {
  id: number;
  slug: string;
  /** PEM, of the key that its JWTs are signed with. */
  publicKey: string;
  installationId: number;
  permissions: Permissions;
  createdAt: string;
}

/** Everything that the stand-in knows besides what is in Git. */
export interface State {
  owner: string;
  repository: string;
  repositoryId: number;
  createdAt: string;
  app: App;
  accounts: Map<string, Account>;
  /** Login by token. */
  personalTokens: Map<string, string>;
  /** When each installation token ends, in milliseconds since 1970. */
  installationTokens: Map<string, number>;
  pulls: Map<number, Pull>;
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  deployments: Deployment[];
  /** Oldest first. */
  activities: Activity[];
  rulesets: Ruleset[];
  /** Numbers of pull requests that wait to be merged, in their order. */
  queue: number[];
  nextId: number;
  nextNumber: number;
  /** How far its clock is ahead of this machine's, so that nobody has to wait for a second to pass. */
  clockOffsetMillis: number;
}

/** GitHub tells time in whole seconds. */
export function now({
  clockOffsetMillis,
}: Pick<State, 'clockOffsetMillis'>): string {
  const date = new Date(Date.now() + clockOffsetMillis);
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function botOf(app: Pick<App, 'slug'>): string {
  return `${app.slug}[bot]`;
}

export function takeId(state: State): number {
  state.nextId += 1;
  return state.nextId;
}
