import { createHash } from 'node:crypto';
import type {
  ChangeRequest,
  Check,
  CheckAnnotation,
  CheckState,
  DeploymentState,
} from '../../environments/GitHost';

/** GitHub takes so many remarks with one request. */
export const ANNOTATIONS_AT_ONCE = 50;
const MOST_SUMMARY_CHARACTERS = 60_000;
const MOST_TITLE_CHARACTERS = 250;
/** Of commit statuses and of deployments. */
const MOST_DESCRIPTION_CHARACTERS = 140;

type Conclusion = 'success' | 'failure' | 'neutral';

const RUN_OF_STATE: Record<
  CheckState,
  { status: 'queued' | 'in_progress' } | { conclusion: Conclusion }
> = {
  waiting: { status: 'queued' },
  running: { status: 'in_progress' },
  passed: { conclusion: 'success' },
  failed: { conclusion: 'failure' },
  neutral: { conclusion: 'neutral' },
};

/** A check as GitHub's check runs are told; remarks are told apart from it. */
export function toCheckRun(check: Check) {
  return {
    name: check.name,
    ...RUN_OF_STATE[check.state],
    details_url: check.url,
    external_id: fingerprintOf(check),
    output: {
      title: cut(check.title, MOST_TITLE_CHARACTERS),
      summary: cut(check.summary, MOST_SUMMARY_CHARACTERS),
    },
  };
}

/** The same for the same check, so that it need not be told again. */
export function fingerprintOf(check: Check): string {
  const { name, title, state, summary, url, annotations } = check;
  return createHash('sha256')
    .update(JSON.stringify([name, title, state, summary, url, annotations]))
    .digest('hex');
}

const ANNOTATION_LEVELS = {
  notice: 'notice',
  warning: 'warning',
  failure: 'failure',
} as const;

export function toAnnotation(annotation: CheckAnnotation) {
  const { path, line, level, message } = annotation;
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: ANNOTATION_LEVELS[level],
    message,
  };
}

/** Parts that each fit into one request; one without any where there are none. */
export function batchesOf<T>(items: T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    batches.push(items.slice(start, start + size));
  }
  return batches.length > 0 ? batches : [[]];
}

/** For a token, which cannot make check runs. */
export function toCommitStatus(check: Check) {
  const states = {
    waiting: 'pending',
    running: 'pending',
    passed: 'success',
    failed: 'failure',
    // Statuses know no more than good and bad, and this one must not be in the way.
    neutral: 'success',
  } as const;
  return {
    context: check.name,
    state: states[check.state],
    description: cut(check.title, MOST_DESCRIPTION_CHARACTERS),
    target_url: check.url,
  };
}

export function readCheckRun(run: {
  name: string;
  status: string;
  conclusion: string | null;
  output: { title: string | null };
}): ChangeRequest['checks'][number] {
  return {
    name: run.name,
    state: readConclusion(run.status, run.conclusion),
    title: run.output.title ?? '',
  };
}

function readConclusion(status: string, conclusion: string | null): CheckState {
  switch (conclusion) {
    case null:
      return status === 'in_progress' ? 'running' : 'waiting';
    case 'success':
      return 'passed';
    case 'neutral':
    case 'skipped':
    case 'stale':
      return 'neutral';
    default:
      return 'failed';
  }
}

export function readCommitStatus(status: {
  context: string;
  state: string;
  description: string | null;
}): ChangeRequest['checks'][number] {
  const states: Record<string, CheckState> = {
    success: 'passed',
    pending: 'running',
  };
  return {
    name: status.context,
    state: states[status.state] ?? 'failed',
    title: status.description ?? '',
  };
}

type DeploymentStateOnGitHub =
  | 'queued'
  | 'in_progress'
  | 'success'
  | 'failure'
  | 'inactive';

const DEPLOYMENT_STATES: Record<DeploymentState, DeploymentStateOnGitHub> = {
  waiting: 'queued',
  running: 'in_progress',
  succeeded: 'success',
  failed: 'failure',
  superseded: 'inactive',
};

export function toDeploymentState(
  state: DeploymentState,
): DeploymentStateOnGitHub {
  return DEPLOYMENT_STATES[state];
}

export function readDeploymentState(state: string): DeploymentState {
  const found = Object.entries(DEPLOYMENT_STATES).find(
    ([, theirs]) => theirs === state,
  );
  if (found) return found[0] as DeploymentState;
  return state === 'pending' ? 'waiting' : 'failed';
}

export function describe(text: string): string {
  return cut(text, MOST_DESCRIPTION_CHARACTERS);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
