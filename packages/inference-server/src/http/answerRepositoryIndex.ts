import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../domain/DataPlane';
import { InferenceError } from '../domain/InferenceError';
import { listRepository } from './openInference/listRepository';
import { parseObject } from './openai/requests';
import { credentialOf } from './credentialOf';
import { discardBody, readBody } from './readBody';
import { sendError, sendJson } from './responses';

/** What is counted as being read of questions for the index: it has room of its own. */
const INDEX = '(repository)';
const MOST_BODY_BYTES = 4_096;
const MOST_VALUES = 100;

/** Answers `POST /v2/repository/index`: which versions there are for the holder of the key, ready or not. */
export async function answerRepositoryIndex(
  { dataPlane }: { dataPlane: DataPlane },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const credential = credentialOf(request.headers);
  let release = () => {};
  try {
    const caller = dataPlane.admission.recognise(credential);
    const ticket = dataPlane.admission.enter(caller, INDEX, 'none');
    release = () => ticket.leave();
    const body = await readBody(request, {
      maxBytes: MOST_BODY_BYTES,
      ticket,
    });
    const routes = dataPlane.callableRoutes(credential);
    const onlyReady = readOnlyReady(body);
    sendJson(response, 200, listRepository(routes, { onlyReady }));
  } catch (error) {
    if (!response.headersSent) sendError(response, error);
    discardBody(request);
  } finally {
    release();
  }
}

/** Clients send nothing for all versions. */
function readOnlyReady(body: Buffer): boolean {
  if (body.length === 0) return false;
  const { ready = false }: { ready?: unknown } = parseObject(body, MOST_VALUES);
  if (typeof ready === 'boolean') return ready;
  throw new InferenceError(
    'invalid',
    `"ready" is ${JSON.stringify(ready)}, expected true or false`,
  );
}
