import type {
  AttemptEnd,
  JobState,
  QueueReason,
  StartReason,
  StopReason,
  TrainerStatus,
} from './job';

/** Where a job stands and why, in a sentence without its end: for messages, terminals and assistants. */
export function tellState(state: JobState): string {
  switch (state.phase) {
    case 'queued':
      return `it waits: ${tellQueueReason(state.reason)}`;
    case 'starting':
      return `it starts: ${tellStartReason(state.reason)}`;
    case 'running':
      return 'its program runs';
    case 'stopping':
      return `it is being ended: ${tellStopReason(state.why)}`;
    case 'succeeded':
      return 'it succeeded';
    case 'failed':
      return `it failed: ${tellEnd(state.end)}`;
    case 'cancelled':
      return `${state.by} cancelled it`;
    default:
      return unknown(state);
  }
}

/** Why a job waits, without the end of the sentence. */
export function tellQueueReason(reason: QueueReason): string {
  switch (reason.kind) {
    case 'new':
      return 'it has just come, and is looked at next';
    case 'behind-others':
      return `number ${reason.position} in the queue of flavor ${reason.flavor}`;
    case 'no-capacity':
      return `it needs ${reason.needs} of flavor ${reason.flavor}, of which ${
        reason.free
      } ${reason.free === 1 ? 'is' : 'are'} free; number ${
        reason.position
      } in its queue`;
    case 'over-quota':
      return `${reason.team} uses ${reason.used} of the ${reason.most} of flavor ${reason.flavor} that it may have, and this needs ${reason.needs} more; number ${reason.position} in its queue`;
    case 'never-fits':
      return reason.limit === 'capacity'
        ? `it needs ${reason.needs} of flavor ${reason.flavor}, and there will never be more than ${reason.most}: cancel it, and ask for less`
        : `it needs ${reason.needs} of flavor ${reason.flavor}, and its team may never use more than ${reason.most}: cancel it, and ask for less`;
    case 'no-flavor':
      return `there is no flavor '${reason.flavor}' where it is to run: cancel it, and name another one`;
    case 'preempted':
      return `it made room for job ${reason.by}, whose team was owed it; number ${reason.position} in its queue`;
    case 'retry-pause':
      return `it is tried again at ${reason.until}`;
    case 'backend-away':
      return `what runs jobs does not answer: ${reason.message}`;
    case 'no-budget':
      return tellBudget(reason);
    default:
      return unknown(reason);
  }
}

/** Why a job that was let start does not run yet, without the end of the sentence. */
export function tellStartReason(reason: StartReason): string {
  switch (reason.kind) {
    case 'creating':
      return 'it is being made';
    case 'preparing':
      return reason.what;
    case 'pulling-image':
      return 'its image is being pulled';
    case 'image-not-pulled':
      return `its image cannot be pulled: ${reason.message}`;
    case 'unschedulable':
      return `no node takes it: ${reason.message}`;
    case 'waiting':
      return reason.message;
    case 'kueue':
      return [
        tellKueuePlace(reason),
        ...(reason.message === undefined ? [] : [reason.message]),
      ].join(': ');
    default:
      return unknown(reason);
  }
}

function tellKueuePlace({
  queue,
  position,
  before,
  isEstimate,
}: Extract<StartReason, { kind: 'kueue' }>): string {
  if (position === undefined) return `it waits in Kueue's queue ${queue}`;
  const number = isEstimate ? `about number ${position}` : `number ${position}`;
  // Only where others wait, too, which are not of this queue.
  const others = before !== undefined && before >= position;
  return `${number} in Kueue's queue ${queue}${
    others ? `, and number ${before + 1} of all that wait for its quotas` : ''
  }`;
}

/** Why a job is or was ended, without the end of the sentence. */
export function tellStopReason(why: StopReason): string {
  switch (why.kind) {
    case 'cancelled':
      return `${why.by} cancelled it`;
    case 'preempted':
      return `it made room for job ${why.by}`;
    case 'deadline':
      return `it used up its deadline of ${tellMinutes(why.minutes)}`;
    case 'start-timeout':
      return `it did not start within ${tellMinutes(
        why.minutes,
      )}: ${tellStartReason(why.reason)}`;
    case 'no-budget':
      return tellBudget(why);
    default:
      return unknown(why);
  }
}

/** How an attempt ended, without the end of the sentence. What its program wrote is not told. */
export function tellEnd(end: AttemptEnd): string {
  switch (end.kind) {
    case 'succeeded':
      return 'it succeeded';
    case 'program-failed':
      return end.signal === undefined
        ? `its program ended with exit code ${end.exitCode}`
        : `its program was ended by ${end.signal}`;
    case 'out-of-memory':
      return end.limitBytes === undefined
        ? 'it ran out of memory'
        : `it needed more memory than its ${Math.round(
            end.limitBytes / 1024 ** 2,
          )} MiB`;
    case 'disk-full':
      return `the disk was full: ${end.message}`;
    case 'evicted':
      return `it was evicted: ${end.message}`;
    case 'image-not-pulled':
      return `its image could not be pulled: ${end.message}`;
    case 'lost':
      return `it was lost: ${end.message}`;
    case 'not-started':
    case 'refused':
      return `it could not start: ${end.message}`;
    case 'stopped':
      return tellStopReason(end.why);
    default:
      return unknown(end);
  }
}

/** How far a program says it is, such as `40 %, about 3 min left`; undefined where it says neither. */
export function tellProgress({
  progressPercentage,
  estimatedRemainingSeconds: seconds,
}: TrainerStatus): string | undefined {
  const facts = [
    ...(progressPercentage === undefined ? [] : [`${progressPercentage} %`]),
    ...(seconds === undefined ? [] : [`about ${tellSeconds(seconds)} left`]),
  ];
  return facts.length > 0 ? facts.join(', ') : undefined;
}

function tellSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function tellMinutes(minutes: number): string {
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

function tellBudget(budget: {
  team: string;
  amount: number;
  spent: number;
  currency: string;
}): string {
  const { team, amount, spent, currency } = budget;
  return `the budget of ${team} for the month is used up: ${spent.toFixed(
    2,
  )} of ${amount} ${currency}`;
}

/** Of a newer portal: as it is, rather than not at all. */
function unknown(value: never): string {
  return JSON.stringify(value);
}
