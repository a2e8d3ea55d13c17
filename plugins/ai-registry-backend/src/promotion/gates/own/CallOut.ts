import { toError } from '@backstage/errors';
import type {
  OwnGate,
  OwnGateAnswer,
  OwnGateRequest,
} from '@greenroom/plugin-ai-registry-node';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const ATTEMPTS = 3;
const FIRST_PAUSE_MILLIS = 500;
const MOST_BYTES = 64 * 1024;

const answerSchema = z.object({
  status: z.enum(['passed', 'failed', 'undecided', 'pending']),
  summary: z.string().min(1).max(1_000),
  evidence: z.string().max(20_000).optional(),
});

export interface CallOutOptions {
  id: string;
  title: string;
  url: string;
  /** What calls are signed with; undefined: they are not signed. */
  secret?: string;
  timeoutMillis: number;
  firstPauseMillis?: number;
}

/** It may be worth asking again. */
class PassingError extends Error {}

/**
 * A gate that a service of a company answers. Each call is signed, so that the service knows who asks;
 * what does not answer in time, or not as it should, has not passed.
 */
export class CallOut implements OwnGate {
  readonly id: string;
  readonly title: string;
  readonly #options: CallOutOptions;

  constructor(options: CallOutOptions) {
    this.id = options.id;
    this.title = options.title;
    this.#options = options;
  }

  async check(request: OwnGateRequest): Promise<OwnGateAnswer> {
    const { signal, ...asked } = request;
    const body = JSON.stringify({ gate: this.id, ...asked });
    const { firstPauseMillis = FIRST_PAUSE_MILLIS } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ask(body, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isLast = attempt === ATTEMPTS || !(error instanceof PassingError);
        if (isLast) return this.#unanswered(toError(error));
        const pauseMillis = firstPauseMillis * 2 ** (attempt - 1);
        await sleep(pauseMillis, undefined, { signal });
      }
    }
  }

  async #ask(body: string, signal: AbortSignal): Promise<OwnGateAnswer> {
    const { url, timeoutMillis } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMillis);
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.#sign(body) },
        body,
        redirect: 'error',
        signal: AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      throw new PassingError(
        timeout.aborted
          ? `it did not answer within ${timeoutMillis / 1_000} s`
          : `it cannot be reached (${reasonOf(error)})`,
      );
    }
    const { status } = response;
    if (status >= 500 || status === 429) {
      await response.body?.cancel();
      throw new PassingError(`it answered with status ${status}`);
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answered with status ${status}`);
    }
    return parseAnswer(await this.#read(response, timeout));
  }

  /** No more than an answer may have. */
  async #read(response: Response, timeout: AbortSignal): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) break;
        chunks.push(chunk);
      }
    } catch {
      throw new PassingError(
        timeout.aborted
          ? `its answer did not end within ${
              this.#options.timeoutMillis / 1_000
            } s`
          : 'its answer broke off',
      );
    }
    if (bytes > MOST_BYTES) {
      throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** The time is signed as well, so that a call that somebody kept can be told from a new one. */
  #sign(body: string): Record<string, string> {
    const { secret } = this.#options;
    if (secret === undefined) return {};
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', secret)
      .update(`${timestamp}.${body}`)
      .digest('hex');
    return {
      'x-greenroom-timestamp': timestamp,
      'x-greenroom-signature-256': `sha256=${signature}`,
    };
  }

  #unanswered({ message }: Error): OwnGateAnswer {
    return {
      status: 'failed',
      summary: `The service behind the gate '${this.id}' could not tell: ${message}. Mend that, then run the gates again.`,
    };
  }
}

function parseAnswer(text: string): OwnGateAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('its answer is no JSON');
  }
  const parsed = answerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `its answer is not as expected: ${issue.path.join('.') || 'it'}: ${
      issue.message
    }`,
  );
}

/** What the network said, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  const { cause, message } = toError(error);
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : message;
}
