import { z } from 'zod';
import { reasonOf } from '../openai/errors';
import type { ExplainedRefusal, Refusal } from '../Provider';

/** What the runtime answers; a model that failed has its own words in it. */
const runtimeError = z.looseObject({
  message: z.string().optional(),
  Message: z.string().optional(),
  OriginalStatusCode: z.number().optional(),
  OriginalMessage: z.string().optional(),
});

/** The model behind the endpoint failed, not the service. */
const MODEL_ERROR = 424;
const THROTTLED = /Throttling|TooManyRequests|ServiceQuotaExceeded/;

/** Errors of a signature whose time is too far off. */
const CLOCK_ERRORS =
  /Signature expired|Signature not yet current|RequestExpired|RequestTimeTooSkewed/;

export function explainSageMaker(refusal: Refusal): ExplainedRefusal {
  const { status, body } = refusal;
  const parsed = runtimeError.safeParse(body);
  const said = parsed.data ?? {};
  if (status === MODEL_ERROR && said.OriginalStatusCode !== undefined) {
    return {
      status: said.OriginalStatusCode,
      reason: reasonIn(said.OriginalMessage) ?? said.Message,
    };
  }
  if (THROTTLED.test(typeOf(refusal))) {
    return { status: 429, reason: said.message ?? said.Message };
  }
  return { reason: said.message ?? said.Message ?? reasonOf(body) };
}

/** Whether the signature was refused for its time. */
export function isClockError(refusal: Refusal): boolean {
  const { message = '', Message = message } =
    runtimeError.safeParse(refusal.body).data ?? {};
  return (
    refusal.status === 403 &&
    (CLOCK_ERRORS.test(Message) || CLOCK_ERRORS.test(typeOf(refusal)))
  );
}

function typeOf({ headers }: Refusal): string {
  return String(headers['x-amzn-errortype'] ?? '');
}

/** A container's error may be JSON within the text. */
function reasonIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return reasonOf(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}
