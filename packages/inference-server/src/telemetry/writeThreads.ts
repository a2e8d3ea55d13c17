import type { ThreadReport } from '../runners/workers/WorkerPool';
import { formatLabels } from './prometheus';

const MILLIS_PER_SECOND = 1_000;

/** How the threads are that models run in, in the Prometheus text format. */
export function writeThreads(
  threads: readonly ThreadReport[],
  lost: number,
): string {
  const metric = (
    name: string,
    type: 'gauge' | 'counter',
    help: string,
    value: (thread: ThreadReport) => number,
  ) =>
    [
      `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
      ...threads.map(thread => {
        const of = formatLabels({ thread: String(thread.id) });
        return `${name}${of} ${value(thread)}\n`;
      }),
    ].join('');
  return [
    metric(
      'greenroom_worker_models',
      'gauge',
      'Model versions in a worker thread.',
      ({ models }) => models,
    ),
    metric(
      'greenroom_worker_waiting',
      'gauge',
      'Runs that wait for a worker thread.',
      ({ waiting }) => waiting,
    ),
    metric(
      'greenroom_worker_busy_seconds_total',
      'counter',
      'Time in which a worker thread had something to do.',
      ({ busyMillis }) => busyMillis / MILLIS_PER_SECOND,
    ),
    metric(
      'greenroom_worker_hung',
      'gauge',
      '1 while a worker thread computes one request for too long.',
      ({ isHung }) => (isHung ? 1 : 0),
    ),
    '# HELP greenroom_worker_threads_lost_total Worker threads that ended by themselves.\n',
    '# TYPE greenroom_worker_threads_lost_total counter\n',
    `greenroom_worker_threads_lost_total ${lost}\n`,
  ].join('');
}
