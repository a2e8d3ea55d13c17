import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

const ANSWER_LIMIT_MILLIS = 2_000;

/**
 * Whether the API server says that it is ready.
 *
 * @throws where nothing answers
 */
export async function isReady(options: {
  server: string;
  ca: Buffer;
  token: string;
}): Promise<boolean> {
  const asked = request(`${options.server}/readyz`, {
    ca: options.ca,
    headers: { authorization: `Bearer ${options.token}` },
    timeout: ANSWER_LIMIT_MILLIS,
    agent: false,
  });
  asked.once('timeout', () => asked.destroy(new Error('no answer')));
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode === 200;
}
