import type { KubeConfig } from '@kubernetes/client-node';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { ClusterError } from './ClusterError';

export interface WatchOptions {
  config: KubeConfig;
  /** Of the list, such as /api/v1/namespaces/models/pods. */
  path: string;
  query: Record<string, string | undefined>;
  /** Without an answer for so long it counts as ended. */
  answerMillis: number;
  /** Without a word for so long, too. A server that is asked for bookmarks says one each minute. */
  silentMillis: number;
  /** Called once, when the server has said that it will tell. */
  onOpen?(): void;
  onEvent(type: string, object: unknown): void;
  /** Called once. Undefined where the server has ended it in order. */
  onEnd(error: Error | undefined): void;
}

/**
 * Has the API server tell of changes. The client library's own watch waits without end for a server
 * that takes the connection and does not answer.
 *
 * @returns what ends it, without `onEnd` being called any more
 */
export function openWatch(options: WatchOptions): () => void {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const end = (error: Error | undefined) => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    ending.abort();
    options.onEnd(error);
  };
  const expectWithin = (millis: number, what: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const seconds = millis / 1_000;
      end(new ClusterError(`the cluster ${what} within ${seconds} seconds`));
    }, millis);
    timer.unref();
  };
  const hear = async () => {
    expectWithin(options.answerMillis, 'does not answer');
    const query = { ...options.query, watch: 'true' };
    const answer = await ask({ ...options, query }, ending.signal);
    if (answer.statusCode !== 200) {
      throw new ClusterError(
        `the cluster answers ${answer.statusCode} to who wants to be told of changes`,
        answer.statusCode,
      );
    }
    options.onOpen?.();
    const expectWord = () =>
      expectWithin(options.silentMillis, 'has not said a word');
    expectWord();
    answer.on('data', expectWord);
    for await (const line of createInterface(answer)) {
      if (hasEnded) return;
      const { type, object } = JSON.parse(line);
      options.onEvent(type, object);
    }
  };
  hear().then(() => end(undefined), end);
  return () => {
    hasEnded = true;
    clearTimeout(timer);
    ending.abort();
  };
}

/** Asks for what has no end. */
export async function ask(
  { config, path, query }: Pick<WatchOptions, 'config' | 'path' | 'query'>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(`${config.getCurrentCluster()?.server ?? ''}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const how: RequestOptions = {};
  await config.applyToHTTPSOptions(how);
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return await new Promise((resolve, reject) => {
    send(url, { ...how, signal }, resolve)
      .once('error', reject)
      .end();
  });
}
