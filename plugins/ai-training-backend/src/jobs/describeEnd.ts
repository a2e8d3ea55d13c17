import type {
  AttemptEnd,
  StartReason,
  StopReason,
} from '@greenroom/plugin-ai-training-common';

/** How an attempt ended, in a sentence without its end. */
export function describeEnd(end: AttemptEnd): string {
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
    case 'stopped':
      return describeStop(end.why);
    case 'evicted':
      return `it was evicted: ${end.message}`;
    case 'disk-full':
      return `the disk was full: ${end.message}`;
    case 'image-not-pulled':
      return `its image could not be pulled: ${end.message}`;
    case 'lost':
      return `it was lost: ${end.message}`;
    default:
      return `it could not start: ${end.message}`;
  }
}

function describeStop(why: StopReason): string {
  switch (why.kind) {
    case 'cancelled':
      return `${why.by} cancelled it`;
    case 'preempted':
      return `it made room for job ${why.by}`;
    case 'deadline':
      return `it ran longer than its ${why.minutes} minutes`;
    case 'start-timeout':
      return `it did not start within ${why.minutes} minutes: ${describeStart(
        why.reason,
      )}`;
    default:
      return `the budget of ${why.team} is used up: ${why.spent.toFixed(
        2,
      )} of ${why.amount} ${why.currency}`;
  }
}

function describeStart(reason: StartReason): string {
  switch (reason.kind) {
    case 'creating':
      return 'it was being made';
    case 'preparing':
      return reason.what;
    case 'pulling-image':
      return 'its image was being pulled';
    case 'image-not-pulled':
      return `its image could not be pulled: ${reason.message}`;
    case 'kueue':
      return `it waited in Kueue's queue ${reason.queue}`;
    default:
      return reason.message;
  }
}
