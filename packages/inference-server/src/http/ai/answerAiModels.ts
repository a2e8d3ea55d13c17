import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../../domain/DataPlane';
import type { LanguageTask } from '../../domain/LanguageModel';
import type { ServedRoute } from '../../domain/ServedRoute';
import type { ServedVersion } from '../../domain/ServedVersion';
import { takesText } from '../../domain/versionKinds';
import { credentialOf } from '../credentialOf';
import { sendJson } from '../responses';
import { AI_PATHS } from './paths';

/** A model that is served here, as whoever looks for one wants to know it. */
interface DiscoveredModel {
  name: string;
  /** Other names under which it is asked for as a language model. */
  aliases: string[];
  /** Whether a request that names no version is answered right now. */
  ready: boolean;
  versions: {
    version: number;
    /** Of the requests that name no version. */
    weightPercent: number;
    takes: 'tensors' | 'text' | 'both';
  }[];
  /** Where it is called. */
  paths: string[];
}

/** Answers with all models that the caller's key may call, whatever they take, and where they are called. */
export function answerAiModels(
  dataPlane: DataPlane,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const models = dataPlane
    .listModels(credentialOf(request.headers))
    .flatMap(name => {
      const route = dataPlane.table.routes.get(name);
      return route ? [describe(route, dataPlane.table.aliasesOf(name))] : [];
    });
  sendJson(response, 200, { models });
}

function describe(route: ServedRoute, aliases: string[]): DiscoveredModel {
  const tasks = new Set<LanguageTask>();
  let takesTensors = false;
  for (const version of route.versions) {
    if (version.kind === 'tensors') takesTensors = true;
    for (const task of version.language?.tasks ?? []) tasks.add(task);
  }
  return {
    name: route.model,
    aliases,
    ready: route.ready,
    versions: route.variants.map(({ served, weightPercent }) => ({
      version: served.version,
      weightPercent,
      takes: whatIsTaken(served),
    })),
    paths: [
      ...(takesTensors
        ? [`/v2/models/${encodeURIComponent(route.model)}/infer`]
        : []),
      ...[...tasks].map(task => AI_PATHS[task]),
    ],
  };
}

function whatIsTaken(served: ServedVersion): 'tensors' | 'text' | 'both' {
  if (served.kind === 'language') return 'text';
  return takesText(served) ? 'both' : 'tensors';
}
