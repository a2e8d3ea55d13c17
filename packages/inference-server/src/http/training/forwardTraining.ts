import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DataPlane } from '../../domain/DataPlane';
import { InferenceError } from '../../domain/InferenceError';
import type { Logger } from '../../logger';
import { credentialOf } from '../credentialOf';
import { sendOpenAiError } from '../openai/errors';
import { discardBody, readBody } from '../readBody';
import { sendJson } from '../responses';
import type { TrainingTarget } from './trainingTarget';

/** What is counted as being forwarded: it has room of its own, like requests to a model. */
const TRAINING = '(training)';
/** A job is described in far less. */
const MOST_BODY_BYTES = 256 * 1024;
const AWAY_RETRY_SECONDS = 5;
/** What callers may say to the control plane, and it to them. */
const ASKED_HEADERS = ['accept', 'last-event-id', 'content-type'] as const;
const ANSWERED_HEADERS = [
  'content-type',
  'cache-control',
  'x-attempt',
  'x-from-byte',
  'x-is-end',
  'x-accel-buffering',
] as const;
/** A caller would take them for its own. */
const ABOUT_THIS_SERVER = [401, 403];
const AWAY = [429, 500, 502, 503, 504];

/** The control plane, as far as it is asked in the name of holders of keys. */
export interface TrainingControlPlane {
  /** @throws when it does not answer */
  forwardTraining(options: {
    method: 'GET' | 'POST';
    /** Below the jobs of the control plane, with the query. */
    path: string;
    headers: Record<string, string>;
    body: Buffer | undefined;
    holder: { keyId: string; owner: string };
    /** Whether the answer goes on for as long as the job does. */
    isLong: boolean;
    signal: AbortSignal;
  }): Promise<{
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: Readable & { dump(options?: { limit: number }): Promise<void> };
  }>;
}

export interface ForwardContext {
  dataPlane: DataPlane;
  logger: Logger;
  maxBodyBytes: number;
  training: TrainingControlPlane;
}

/**
 * Answers what is asked about training jobs with what the control plane says: jobs have their state there. Nothing else
 * that callers ask waits for it. Who asks is the owner of the key.
 */
export async function forwardTraining(
  context: ForwardContext,
  request: IncomingMessage,
  response: ServerResponse,
  target: TrainingTarget,
): Promise<void> {
  const { dataPlane, logger } = context;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let release = () => {};
  try {
    const caller = dataPlane.admission.recognise(credentialOf(request.headers));
    dataPlane.admission.requireScope(caller, 'train');
    const ticket = dataPlane.admission.enter(caller, TRAINING, 'request');
    release = () => ticket.leave();
    const method = methodOf(request, target);
    if (method === undefined) {
      const allowed = [target.method, target.otherMethod].filter(Boolean);
      sendJson(
        response,
        405,
        refusal(
          `method ${
            request.method
          } is not allowed here: expected ${allowed.join(' or ')}`,
        ),
        { Allow: allowed.join(', ') },
      );
      discardBody(request);
      return;
    }
    const { id: keyId, owner } = caller;
    if (owner === undefined) {
      throw new InferenceError(
        'not-ready',
        'the control plane does not say who owns keys yet: it has to be updated first',
      );
    }
    const body =
      method === 'POST'
        ? await readBody(request, {
            maxBytes: Math.min(MOST_BODY_BYTES, context.maxBodyBytes),
            ticket,
          })
        : undefined;
    const { url = '' } = request;
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const answer = await context.training
      .forwardTraining({
        method,
        path: `${target.path}${query}`,
        headers: pick(request.headers, ASKED_HEADERS),
        body: body?.length ? body : undefined,
        holder: { keyId, owner },
        isLong: target.isLog,
        signal: gone.signal,
      })
      .catch(error => {
        throw away(error);
      });
    await pass(answer, response, logger);
  } catch (error) {
    if (gone.signal.aborted && !response.writable) return;
    if (!(error instanceof InferenceError)) {
      logger.error('a question about training was not answered', {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
    if (response.headersSent) response.destroy();
    else sendOpenAiError(response, error);
    discardBody(request);
  } finally {
    release();
  }
}

type Answer = Awaited<ReturnType<TrainingControlPlane['forwardTraining']>>;

async function pass(
  { status, headers, body }: Answer,
  response: ServerResponse,
  logger: Logger,
): Promise<void> {
  if (status < 400) {
    response.writeHead(status, pick(headers, ANSWERED_HEADERS));
    response.flushHeaders();
    // Reads no faster than the caller does, and ends with either of them.
    await pipeline(body, response).catch(error =>
      logger.debug('an answer about training broke off', {
        error: String(error),
      }),
    );
    return;
  }
  if (AWAY.includes(status)) {
    await body.dump({ limit: MOST_BODY_BYTES });
    const after = Number(headers['retry-after']);
    throw away(undefined, after > 0 ? after : undefined);
  }
  if (ABOUT_THIS_SERVER.includes(status)) {
    await body.dump({ limit: MOST_BODY_BYTES });
    logger.error(
      'the control plane does not let this data plane ask about training',
      {
        status,
        permission: 'ai-training.job.forward',
      },
    );
    throw new InferenceError(
      'bad-gateway',
      'the control plane does not let this data plane ask about training: its token needs the permission ai-training.job.forward',
    );
  }
  const said = await readSaid(body);
  sendJson(response, status, refusal(said));
}

function away(cause: unknown, seconds = AWAY_RETRY_SECONDS): InferenceError {
  return new InferenceError(
    'not-ready',
    'training jobs are looked after by the control plane, which does not answer: try again later',
    cause,
    { retryAfterSeconds: seconds },
  );
}

/** In OpenAI's form, as all errors below /ai. */
function refusal(message: string) {
  return {
    error: { message, type: 'invalid_request_error', param: null, code: null },
  };
}

async function readSaid(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) break;
    chunks.push(chunk);
  }
  try {
    const { error } = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof error.message === 'string') return error.message;
  } catch {
    // Below.
  }
  return 'the control plane refused it, and did not say why';
}

function methodOf(
  { method }: IncomingMessage,
  target: TrainingTarget,
): 'GET' | 'POST' | undefined {
  if (method === target.method) return target.method;
  return method === target.otherMethod ? target.otherMethod : undefined;
}

function pick(
  headers: Record<string, string | string[] | undefined>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
