import type { IncomingMessage } from 'node:http';
import { ClusterError } from './ClusterError';
import { ask, type WatchOptions } from './openWatch';

const MOST_ANSWER_BYTES = 16 * 1024 ** 2;
const MOST_COMPLAINT_BYTES = 4_096;

/**
 * What the API server, or who answers for it, says at a path.
 *
 * @returns what JSON it is
 * @throws ClusterError with the status that it answered with
 */
export async function readAnswer(
  options: Pick<WatchOptions, 'config' | 'path' | 'query' | 'answerMillis'> & {
    mostBytes?: number;
  },
): Promise<unknown> {
  const { answerMillis, mostBytes = MOST_ANSWER_BYTES } = options;
  const answer = await ask(options, AbortSignal.timeout(answerMillis));
  try {
    if (answer.statusCode !== 200) {
      throw new ClusterError(await complaintOf(answer), answer.statusCode);
    }
    return JSON.parse(await textOf(answer, mostBytes));
  } finally {
    answer.destroy();
  }
}

/** What it says is wrong: mostly an object of kind Status. */
export async function complaintOf(
  answer: AsyncIterable<Buffer>,
): Promise<string> {
  let text = '';
  for await (const chunk of answer) {
    text += chunk.toString('utf8');
    if (text.length > MOST_COMPLAINT_BYTES) break;
  }
  try {
    return String(JSON.parse(text).message);
  } catch {
    return text.slice(0, MOST_COMPLAINT_BYTES);
  }
}

async function textOf(
  answer: IncomingMessage,
  mostBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw new ClusterError(
        `the cluster answers with more than ${mostBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
