import type { Action, Job } from '../actions/Action';
import { durationMillis, type Options, wholeNumber } from '../Command';
import { CommandError, EXIT_CODES, notFound } from '../CommandError';
import { followJob, LogReader, throwUnlessSucceeded } from './followJob';
import { JOB_WORD, stateLine } from './jobWords';

/** Of everything that waits for a job. */
export const TIMEOUT_OPTION = {
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'how long it waits, such as 90s, 30m or 2h; as long as it takes when left out',
  },
} as const satisfies Options;

export const waitAction: Action = {
  name: 'wait',
  summary:
    'waits until a training job has ended, and says why it waits and how far it is',
  more: 'Exit code 0: it succeeded. 1: it failed. 6: somebody cancelled it. 3: it has not ended in time. Ctrl+C ends the waiting, not the job.',
  words: [JOB_WORD],
  options: {
    follow: { type: 'boolean', help: 'prints what its program writes, too' },
    ...TIMEOUT_OPTION,
  },
  run: job => waitForJob(job, job.args[0]),
};

/** Waits for a job, and says how it ended. @throws CommandError unless it succeeded in time */
export async function waitForJob(job: Job, id: string): Promise<void> {
  const { called, words, context, isJson } = job;
  const withLog = words.flag('follow');
  // Where the log is what is printed, nothing else stands between its lines.
  const say = isJson || withLog ? context.complain : context.print;
  const ended = await followJob(job, {
    id,
    ...(withLog && {
      log: { attempt: 1, print: isJson ? context.complain : context.print },
    }),
    timeoutMillis: timeoutOf(job),
    say,
  });
  if (!ended) {
    throw new CommandError(
      `${called}: job ${id} has not ended in ${words.text('timeout')}`,
      EXIT_CODES.timedOut,
    );
  }
  if (isJson) context.print(JSON.stringify(ended));
  throwUnlessSucceeded(ended);
  say(stateLine(ended));
}

/** @throws CommandError that names the option */
export function timeoutOf({ called, words }: Job): number | undefined {
  return words.text('timeout') === undefined
    ? undefined
    : durationMillis(called, words, { option: 'timeout', fallback: '24h' });
}

export const logAction: Action = {
  name: 'log',
  summary: 'prints what a training job has written',
  more: 'Its newest attempt, unless --attempt names another one. With --follow it goes on until the job has ended, over all attempts from there on, and after a connection that was cut, too. Ctrl+C ends the following, not the job. With --json it is one text in an object.',
  words: [JOB_WORD],
  options: {
    follow: { type: 'boolean', help: 'goes on with what comes' },
    attempt: {
      type: 'string',
      value: 'NUMBER',
      help: 'its first attempt is 1',
    },
  },
  async run(job) {
    const { called, words, portal, args, context, isJson, signal } = job;
    const [id] = args;
    const text = words.text('attempt');
    const named =
      text === undefined
        ? undefined
        : wholeNumber(called, { name: '--attempt', text });
    const parts: string[] = [];
    const print = isJson ? (part: string) => parts.push(part) : context.print;
    const say = context.complain;
    const { attempts } = await portal.training.getJob(id, { signal });
    const attempt = named ?? Math.max(1, attempts.length);
    if (words.flag('follow')) {
      const ended = await followJob(job, {
        id,
        log: { attempt, print },
        say,
      });
      if (ended) say(stateLine(ended));
    } else if (attempt <= attempts.length) {
      const log = new LogReader(job, { id, attempt, print, say });
      await log.readAttempt();
      log.end();
    } else if (named !== undefined) {
      throw notFound(
        `job ${id} has no attempt ${named}: it had ${attempts.length}`,
      );
    }
    if (isJson) {
      context.print(
        JSON.stringify({ job: id, attempt, text: parts.join('\n') }),
      );
    }
  },
};
