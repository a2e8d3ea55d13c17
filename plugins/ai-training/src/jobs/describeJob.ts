import { formatMoment } from '@greenroom/ai-react';
import type {
  AttemptEnd,
  JobState,
  QueueReason,
  StartReason,
  StopReason,
} from '@greenroom/plugin-ai-training-common';
import { count, memory, money, ordinal, shortRef } from './words';

/** What something means for people. */
export interface Description {
  /** A few words, without a full stop. */
  title: string;
  /** What is the case, in sentences. */
  explanation: string;
  /** What one can do about it; undefined where nothing needs to be done. */
  advice?: string;
  /** Lines that a program wrote. */
  code?: string;
}

/** Where a job stands, and why. */
export function describeState(state: JobState): Description {
  switch (state.phase) {
    case 'queued':
      return describeQueueReason(state.reason);
    case 'starting':
      return describeStartReason(state.reason);
    case 'running':
      return {
        title: 'Its program runs',
        explanation:
          'What it measures and writes is shown here as it comes, and kept with its run.',
      };
    case 'stopping':
      return stopping(describeStopReason(state.why));
    case 'succeeded':
      return {
        title: 'It succeeded',
        explanation:
          'Its program ended with 0. What it measured and made is kept with its run.',
      };
    case 'failed':
      return describeEnd(state.end);
    case 'cancelled':
      return {
        title: `Cancelled by ${shortRef(state.by)}`,
        explanation: 'It was ended before it was done.',
        advice: 'Retry goes on with it, with the same settings.',
      };
    default:
      return unknown(state);
  }
}

/** Why a job waits. */
export function describeQueueReason(reason: QueueReason): Description {
  switch (reason.kind) {
    case 'new':
      return {
        title: 'It has just come',
        explanation: 'The queue looks at it within seconds.',
      };
    case 'behind-others':
      return {
        title: `${ordinal(reason.position)} in the queue of ${reason.flavor}`,
        explanation: `Others are before it in the queue of ${reason.flavor}. Teams take turns by what they use of their share, and within a team the priority decides, then who came first.`,
        advice:
          'The page Queue shows who uses what. Another flavor may be free sooner.',
      };
    case 'no-capacity':
      return {
        title: `Next, waits for ${count(reason.needs, 'unit')} of ${
          reason.flavor
        }`,
        explanation: `It is next, and needs ${count(reason.needs, 'unit')} of ${
          reason.flavor
        } where ${isAre(
          reason.free,
        )} free. It starts as soon as enough of them come free; room is kept for it, so that smaller jobs do not pass it for ever.`,
        advice: 'With fewer nodes, or another flavor, it may start sooner.',
      };
    case 'over-quota':
      return {
        title: `${shortRef(reason.team)} uses all it may of ${reason.flavor}`,
        explanation: `${shortRef(reason.team)} uses ${
          reason.used
        } of the ${count(reason.most, 'unit')} of ${
          reason.flavor
        } that it may have, and this job needs ${
          reason.needs
        } more. It is ${ordinal(reason.position)} in the queue.`,
        advice: `It starts when jobs of ${shortRef(
          reason.team,
        )} end. Quotas are set by whoever runs the portal, in aiTraining.quotas.`,
      };
    case 'never-fits':
      return {
        title: `Needs more ${reason.flavor} than it can ever get`,
        explanation:
          reason.limit === 'quota'
            ? `It needs ${count(reason.needs, 'unit')} of ${
                reason.flavor
              }, and its team may use at most ${
                reason.most
              }: as it is, it never starts.`
            : `It needs ${count(reason.needs, 'unit')} of ${
                reason.flavor
              }, and there ${reason.most === 1 ? 'is' : 'are'} only ${
                reason.most
              }: as it is, it never starts.`,
        advice:
          reason.limit === 'quota'
            ? `Cancel it, and clone it with at most ${count(
                reason.most,
                'unit',
              )} (count times nodes), or have whoever runs the portal raise the quota in aiTraining.quotas.`
            : `Cancel it, and clone it with at most ${count(
                reason.most,
                'unit',
              )} (count times nodes), or with another flavor.`,
      };
    case 'no-flavor':
      return {
        title: `There is no flavor ${reason.flavor} here`,
        explanation: `What runs this job has no flavor '${reason.flavor}', so it never starts.`,
        advice:
          'Cancel it, and clone it with a flavor that the page Queue shows, or have whoever runs the portal add it to greenroom.flavors.',
      };
    case 'preempted':
      return {
        title: `Made room, ${ordinal(reason.position)} in the queue`,
        explanation:
          'It used what its team had borrowed, and the team that owns it needed it back. It goes on when there is room again, from its checkpoints where its template keeps them.',
        advice:
          'Jobs within the quota of their team are never stopped for others.',
      };
    case 'retry-pause':
      return {
        title: 'Tried again soon',
        explanation: `The last attempt ended without a fault of the program. It is tried again at ${formatMoment(
          reason.until,
        )}.`,
      };
    case 'backend-away':
      return {
        title: 'What runs jobs does not answer',
        explanation: `Nothing can start until it answers again: ${said(
          reason.message,
        )}`,
        advice:
          'It is asked again by itself. If it stays away, tell whoever runs the portal.',
      };
    case 'no-budget':
      return noBudget(reason, 'Nothing more of it starts this month.');
    default:
      return unknown(reason);
  }
}

/** Why a job that was let start does not run yet. */
export function describeStartReason(reason: StartReason): Description {
  switch (reason.kind) {
    case 'creating':
      return {
        title: 'It is being made',
        explanation: 'It has its place, and its program is being put there.',
      };
    case 'preparing':
      return {
        title: 'It is being prepared',
        explanation: sentence(reason.what),
      };
    case 'pulling-image':
      return {
        title: 'Its image is being pulled',
        explanation:
          'The node fetches the image of its container. The first time on a node this may take minutes.',
      };
    case 'image-not-pulled':
      return imageNotPulled(
        reason.message,
        'It is tried for ten minutes from its start, then given up.',
      );
    case 'unschedulable':
      return {
        title: 'No node takes it yet',
        explanation: `The cluster finds no node for it: ${said(
          reason.message,
        )}`,
        advice:
          'Where nodes come by themselves, wait for one. Otherwise ask for less memory or fewer processors, or for another flavor.',
      };
    case 'waiting':
      return { title: 'It waits', explanation: sentence(reason.message) };
    case 'kueue':
      return describeKueue(reason);
    default:
      return unknown(reason);
  }
}

function describeKueue(
  reason: Extract<StartReason, { kind: 'kueue' }>,
): Description {
  const { queue, position, before, isEstimate, message } = reason;
  const sentences = [
    message === undefined
      ? 'Kueue lets it go when it is its turn in the cluster.'
      : `Kueue lets it go when it is its turn in the cluster: ${said(message)}`,
  ];
  if (position !== undefined && before !== undefined && before >= position) {
    sentences.push(
      `For the same quotas ${count(before, 'job')} of this and other queues ${
        before === 1 ? 'waits' : 'wait'
      } before it.`,
    );
  }
  if (isEstimate) {
    sentences.push(
      'Its place was counted from what waits, by priority and age: Kueue may let a later one start first.',
    );
  }
  return {
    title:
      position === undefined
        ? `Waits in Kueue's queue ${queue}`
        : `${isEstimate ? 'About ' : ''}${ordinal(
            position,
          )} in Kueue's queue ${queue}`,
    explanation: sentences.join(' '),
  };
}

/** Why a job was ended by the platform. */
export function describeStopReason(why: StopReason): Description {
  switch (why.kind) {
    case 'cancelled':
      return {
        title: `Cancelled by ${shortRef(why.by)}`,
        explanation: 'Somebody ended it before it was done.',
        advice: 'Retry goes on with it, with the same settings.',
      };
    case 'preempted':
      return {
        title: 'It makes room for another team',
        explanation:
          'It used what its team had borrowed, and the team that owns it needs it back. It waits again, and goes on when there is room.',
      };
    case 'deadline':
      return {
        title: `It used up its deadline of ${count(why.minutes, 'minute')}`,
        explanation:
          'Its attempts since its start, or since the last Retry, had together run for longer, so it was ended. What it ran before that Retry is not counted.',
        advice:
          'Retry gives it as long again. Or clone it with a later deadline, or with less to do; where its template keeps checkpoints, resume from them.',
      };
    case 'start-timeout': {
      const reason = describeStartReason(why.reason);
      return {
        title: `It did not start within ${count(why.minutes, 'minute')}`,
        explanation: `A place was kept for it all the time, and given to others then. What it waited for: ${reason.title}. ${reason.explanation}`,
        advice: reason.advice ?? 'Retry it when what it waited for is there.',
      };
    }
    case 'no-budget':
      return noBudget(why, 'Running jobs are ended, too, as it is configured.');
    default:
      return unknown(why);
  }
}

/** How an attempt ended. */
export function describeEnd(end: AttemptEnd): Description {
  switch (end.kind) {
    case 'succeeded':
      return {
        title: 'It succeeded',
        explanation: 'Its program ended with 0.',
      };
    case 'program-failed':
      return {
        title:
          end.signal === undefined
            ? `Its program ended with exit code ${end.exitCode ?? 'unknown'}`
            : `Its program was ended by ${end.signal}`,
        explanation:
          end.lastLines.trim() === ''
            ? 'It wrote nothing before it ended.'
            : 'The last that it wrote:',
        advice:
          'Programs that fail are not tried again by themselves. Look into its log, correct the program or its parameters, and clone it.',
        ...(end.lastLines.trim() !== '' && { code: end.lastLines }),
      };
    case 'out-of-memory':
      return {
        title: 'It ran out of memory',
        explanation:
          end.limitBytes === undefined
            ? 'It needed more memory than it may have, and was ended for it.'
            : `It needed more than the ${memory(
                end.limitBytes,
              )} of memory that it may have, and was ended for it.`,
        advice:
          'Clone it with more memory, or have it hold less at once, such as smaller batches.',
      };
    case 'disk-full':
      return {
        title: 'The disk was full',
        explanation: sentence(end.message),
        advice:
          'Have it write less, or tell whoever runs the portal that its disk is full.',
      };
    case 'evicted':
      return {
        title: 'Its node was taken away',
        explanation: sentence(end.message),
        advice:
          'It was tried as often as its template says. Retry it, or raise spec.retries in the template.',
      };
    case 'image-not-pulled':
      return imageNotPulled(end.message, 'It was given up.');
    case 'not-started':
      return {
        title: 'It could not start',
        explanation: sentence(end.message),
        advice: 'Retry it when what it says is mended.',
      };
    case 'refused':
      return {
        title: 'It can not begin as it is',
        explanation: sentence(end.message),
        advice: 'Change what it says, in the template or with a clone.',
      };
    case 'lost':
      return {
        title: 'It was lost',
        explanation: `Nobody saw how it ended: ${said(end.message)}`,
        advice:
          'It was tried as often as its template says. Retry it; if it is lost again, look at what ran on its node.',
      };
    case 'stopped':
      return describeStopReason(end.why);
    default:
      return unknown(end);
  }
}

function stopping(why: Description): Description {
  return {
    ...why,
    explanation: `Its program was told to end, and has a moment to put down a checkpoint. ${why.explanation}`,
    advice: undefined,
  };
}

function imageNotPulled(message: string, then: string): Description {
  return {
    title: 'Its image can not be pulled',
    explanation: `The node could not fetch the image of its container: ${said(
      message,
    )} ${then}`,
    advice:
      'Check the name and the digest of the image in the template, that it is in its registry, and that the cluster may pull from there (image pull secrets).',
  };
}

function noBudget(
  budget: { team: string; amount: number; spent: number; currency: string },
  then: string,
): Description {
  const { team, amount, spent, currency } = budget;
  return {
    title: `The budget of ${shortRef(team)} is used up`,
    explanation: `${shortRef(team)} has spent ${money(
      spent,
      currency,
    )} of the ${money(
      amount,
      currency,
    )} that it has for training this month. ${then}`,
    advice:
      'Wait for the next month (UTC), or have whoever runs the portal raise it in aiTraining.budgets.',
  };
}

function isAre(free: number): string {
  return free === 1 ? '1 is' : `${free === 0 ? 'none' : free} are`;
}

/** What a backend says, with an end. */
function said(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'it does not say why.';
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** The same as a sentence of its own. */
function sentence(text: string): string {
  const words = said(text);
  return words[0].toLocaleUpperCase('en') + words.slice(1);
}

/** Of a newer backend: shown as it is, rather than not at all. */
function unknown(value: never): Description {
  return {
    title: 'Something that these pages do not know yet',
    explanation: JSON.stringify(value),
  };
}
