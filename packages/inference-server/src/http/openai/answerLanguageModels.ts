import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../../domain/DataPlane';
import { InferenceError } from '../../domain/InferenceError';
import { takesText } from '../../domain/versionKinds';
import { credentialOf } from '../credentialOf';
import { sendJson } from '../responses';

/** Answers with the language models that the caller's key may call, as OpenAI's API lists models. */
export function answerLanguageModels(
  dataPlane: DataPlane,
  target: { model: string | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const credential = credentialOf(request.headers);
  if (target.model !== undefined) {
    const model = dataPlane.table.nameOf(target.model);
    const { route } = dataPlane.admit({ credential, model });
    if (!isLanguageModel(dataPlane, route.model)) {
      throw new InferenceError(
        'not-found',
        `model "${route.model}" takes tensors, not text: see GET /v2/models/${route.model}`,
      );
    }
    sendJson(response, 200, describe(target.model));
    return;
  }
  const data = dataPlane
    .listModels(credential)
    .filter(model => isLanguageModel(dataPlane, model))
    .flatMap(model => [model, ...dataPlane.table.aliasesOf(model)])
    .map(describe);
  sendJson(response, 200, { object: 'list', data });
}

function isLanguageModel(dataPlane: DataPlane, model: string): boolean {
  const versions = dataPlane.table.routes.get(model)?.versions ?? [];
  return versions.some(takesText);
}

function describe(id: string) {
  // When it was made is not known here; clients want a number.
  return { id, object: 'model', created: 0, owned_by: 'greenroom' };
}
