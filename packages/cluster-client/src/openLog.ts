import { ClusterError } from './ClusterError';
import { ask, type WatchOptions } from './openWatch';
import { complaintOf } from './readAnswer';

/** A program may be silent for hours; a connection that nobody ends any more is found out all the same. */
const KEEP_ALIVE_MILLIS = 30_000;
const SILENT_MILLIS = 10 * 60_000;

/** The bytes of a log that grows. */
export async function* openLog(
  options: Pick<WatchOptions, 'config' | 'path' | 'query' | 'answerMillis'> & {
    signal: AbortSignal;
  },
): AsyncGenerator<Buffer, void> {
  const late = new AbortController();
  const signal = AbortSignal.any([options.signal, late.signal]);
  const timer = setTimeout(
    () => late.abort(new DOMException('no answer', 'TimeoutError')),
    options.answerMillis,
  );
  timer.unref();
  const answer = await ask(options, signal).finally(() => clearTimeout(timer));
  answer.socket.setKeepAlive(true, KEEP_ALIVE_MILLIS);
  answer.setTimeout(SILENT_MILLIS, () =>
    answer.destroy(new Error('nothing was written for long')),
  );
  try {
    if (answer.statusCode !== 200) {
      throw new ClusterError(
        `the cluster answers ${
          answer.statusCode
        } to who wants a log: ${await complaintOf(answer)}`,
        answer.statusCode,
      );
    }
    for await (const chunk of answer) yield chunk as Buffer;
  } finally {
    answer.destroy();
  }
}
