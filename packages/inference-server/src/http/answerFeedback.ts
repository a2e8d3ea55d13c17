import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OutcomeRecord } from '@greenroom/plugin-ai-inference-common';
import type { DataPlane } from '../domain/DataPlane';
import type { Logger } from '../logger';
import { InferenceError } from '../domain/InferenceError';
import { readFeedback } from '../outcomes/readFeedback';
import { parseObject } from './openai/requests';
import { discardBody, readBody } from './readBody';
import { readCallHeaders } from './readCallHeaders';
import { sendError, sendJson, statusOf } from './responses';

/** What is counted as being read of outcomes: it has room of its own, like requests to a model. */
const FEEDBACK = '(feedback)';

export interface FeedbackContext {
  dataPlane: DataPlane;
  logger: Logger;
  maxBodyBytes: number;
  maxJsonValues: number;
  onOutcome(outcome: OutcomeRecord): void;
}

/** Answers `POST /v2/feedback`: what became of earlier requests, on its way to the control plane. */
export async function answerFeedback(
  context: FeedbackContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { dataPlane, maxBodyBytes, maxJsonValues, logger } = context;
  const { credential } = readCallHeaders(request.headers);
  let release = () => {};
  try {
    const caller = dataPlane.admission.recognise(credential);
    const ticket = dataPlane.admission.enter(caller, FEEDBACK, 'none');
    release = () => ticket.leave();
    const body = await readBody(request, { maxBytes: maxBodyBytes, ticket });
    const outcomes = readFeedback(parseObject(body, maxJsonValues), {
      nameOf: model => dataPlane.table.nameOf(model),
      check: model => {
        const { route } = dataPlane.admit({ credential, model });
        if (route.outcomes) return;
        throw new InferenceError(
          'invalid',
          `"${model}" takes no outcomes: its manifest says so with spec.outcomes`,
        );
      },
      nowMillis: Date.now(),
    });
    for (const outcome of outcomes) context.onOutcome(outcome);
    sendJson(response, 202, { accepted: outcomes.length });
  } catch (error) {
    if (statusOf(error) === 500) {
      logger.error('outcomes were not taken', {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
    if (!response.headersSent) sendError(response, error);
    discardBody(request);
  } finally {
    release();
  }
}
