import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  changeMemory,
  refuseParameters,
  type MemoryChange,
} from '../domain/changeMemory';
import type { DataPlane } from '../domain/DataPlane';
import { InferenceError } from '../domain/InferenceError';
import { parseObject } from './openai/requests';
import { credentialOf } from './credentialOf';
import { discardBody, readBody } from './readBody';
import { sendError, sendJson } from './responses';

/** What is counted as being read and done of these calls: they have room of their own. */
const REPOSITORY = '(repository)';
const MOST_BODY_BYTES = 65_536;
const MOST_VALUES = 100;

/** Answers `POST /v2/repository/models/<model>/load` and `unload`, when it is done. */
export async function answerRepositoryModel(
  { dataPlane }: { dataPlane: DataPlane },
  request: IncomingMessage,
  response: ServerResponse,
  { model, change }: { model: string; change: MemoryChange },
): Promise<void> {
  const credential = credentialOf(request.headers);
  let release = () => {};
  try {
    const caller = dataPlane.admission.recognise(credential);
    const ticket = dataPlane.admission.enter(caller, REPOSITORY, 'none');
    release = () => ticket.leave();
    const body = await readBody(request, {
      maxBytes: MOST_BODY_BYTES,
      ticket,
    });
    refuseParameters(change, readParameters(body));
    await changeMemory(dataPlane, { credential, model, change });
    sendJson(response, 200, {});
  } catch (error) {
    if (!response.headersSent) sendError(response, error);
    discardBody(request);
  } finally {
    release();
  }
}

/** Clients send nothing where they have nothing to say. */
function readParameters(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  const { parameters = {} }: { parameters?: unknown } = parseObject(
    body,
    MOST_VALUES,
  );
  if (isObject(parameters)) return parameters;
  throw new InferenceError(
    'invalid',
    '"parameters" is no object: expected names with their values',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
