import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../domain/DataPlane';
import { asFields } from '../domain/DeprecationNotices';
import { findVersion, notReady } from '../domain/findVersion';
import { asTensors } from '../domain/versionKinds';
import type { Explainer, Explanation } from '../explain/Explainer';
import type { Logger } from '../logger';
import { decodeExplainRequest } from './decodeExplainRequest';
import type { ModelTarget } from './parseTarget';
import { discardBody, readBody } from './readBody';
import { readCallHeaders } from './readCallHeaders';
import { sendError, sendJson, statusOf } from './responses';

/** What explanations need of a server. */
export interface ExplainContext {
  dataPlane: DataPlane;
  explainer: Explainer;
  logger: Logger;
  maxBodyBytes: number;
  maxJsonValues: number;
}

/**
 * Answers `POST /v2/models/{model}/explain`. It takes a place like a request, and is none: it counts
 * neither as traffic of the version nor in a comparison.
 */
export async function answerExplain(
  context: ExplainContext,
  request: IncomingMessage,
  response: ServerResponse,
  target: ModelTarget,
): Promise<void> {
  const { dataPlane, explainer, maxBodyBytes, maxJsonValues, logger } = context;
  const { credential, ...said } = readCallHeaders(request.headers);
  const { model, version = said.version } = target;
  const peer = {
    get cancelled() {
      return !request.socket.writable;
    },
  };
  let release = () => {};
  try {
    const { caller, route } = dataPlane.admit({ credential, model, version });
    const ticket = dataPlane.admission.enter(caller, model, 'request');
    release = () => ticket.leave();
    const body = await readBody(request, { maxBytes: maxBodyBytes, ticket });
    const chosen =
      version === undefined ? route.main : findVersion(route, version);
    if (chosen === undefined) throw notReady(route);
    const served = asTensors(chosen);
    served.enter();
    release = () => {
      served.leave();
      ticket.leave();
    };
    const { id, ...asked } = decodeExplainRequest(body, served, maxJsonValues);
    ticket.takeRows?.(1);
    const explanation = await explainer.explain({
      ...asked,
      served,
      caller: peer,
    });
    sendJson(
      response,
      200,
      toJson(explanation, { id, ...served, model }),
      asFields(route.deprecated?.find(served.version)),
    );
  } catch (error) {
    if (statusOf(error) === 500) {
      logger.error('an explanation failed', {
        model,
        error: error instanceof Error ? error.stack : String(error),
      });
    }
    if (!response.headersSent && !peer.cancelled) sendError(response, error);
    discardBody(request);
  } finally {
    release();
  }
}

/** In the protocol's own way of writing names. */
function toJson(
  explanation: Explanation,
  about: { id: string | undefined; model: string; version: number },
) {
  const { parts, attributions, features, target } = explanation;
  const common = {
    ...(about.id !== undefined && { id: about.id }),
    model_name: about.model,
    model_version: String(about.version),
    method: explanation.method,
    output: target.output,
    explains: target.meaning,
    ...(target.class !== undefined && { class: target.class }),
    base_value: explanation.baseValue,
    prediction: explanation.prediction,
    ...(explanation.additivityError !== undefined && {
      additivity_error: explanation.additivityError,
    }),
    ...(explanation.fit !== undefined && { fit: explanation.fit }),
    ...(explanation.stability !== undefined && {
      stability: explanation.stability,
    }),
    background: explanation.background,
    evaluations: explanation.evaluations,
    seed: explanation.seed,
  };
  const numbers = attributions.map(({ value, standardError }) => ({
    attribution: value,
    standard_error: standardError,
  }));
  switch (parts.kind) {
    case 'features':
      return {
        ...common,
        features: features.map(({ name, value }, at) => ({
          name,
          value: typeof value === 'bigint' ? String(value) : value,
          ...numbers[at],
        })),
      };
    case 'patches':
      return {
        ...common,
        patches: {
          rows: parts.rows,
          columns: parts.columns,
          attributions: attributions.map(({ value }) => value),
          standard_errors: attributions.map(
            ({ standardError }) => standardError,
          ),
        },
      };
    default:
      return {
        ...common,
        words: parts.words.map((text, at) => ({ text, ...numbers[at] })),
      };
  }
}
