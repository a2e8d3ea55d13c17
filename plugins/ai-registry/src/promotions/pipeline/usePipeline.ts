import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import {
  type Deployment,
  SIGNAL_CHANNEL as INFERENCE_CHANNEL,
} from '@greenroom/plugin-ai-inference-common';
import {
  type Pipeline,
  type PipelineRow,
  placeRef,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { type AiRegistryApi, aiRegistryApiRef } from '../../api/AiRegistryApi';
import { type InferenceApi, inferenceApiRef } from '../../api/InferenceApi';
import type { Serving } from './lookAt';
import type { PipelineFilter } from './usePipelineFilter';

/** Models on a page. */
const PAGE_SIZE = 25;

/** Most that one request gives. */
const MOST = 50;

/** Requests that look for what moves, of which a page holds at most what they give. */
const SWEEP = 4;

/** Models, and deployments, that one request to inference may be about. */
const MODELS_A_REQUEST = 100;
const DEPLOYMENTS_A_REQUEST = 500;

/** A page of the pipeline; of what moves, as many models are looked at as one may ask for at once. */
export function usePipeline(
  filter: PipelineFilter,
  cursor: string | undefined,
): Live<Pipeline> {
  const registry = useApi(aiRegistryApiRef);
  const { search, owner, onlyMoving } = filter;
  return useLive(
    signal =>
      readPipeline(registry, {
        query: { search: search || undefined, owner, cursor },
        onlyMoving,
        signal,
      }),
    [search, owner, onlyMoving, cursor],
    { channel: SIGNAL_CHANNEL, pollMillis: 10_000, keepPrevious: true },
  );
}

async function readPipeline(
  registry: AiRegistryApi,
  options: {
    query: { search?: string; owner?: string; cursor?: string };
    onlyMoving: boolean;
    signal: AbortSignal;
  },
): Promise<Pipeline> {
  const { query, onlyMoving, signal } = options;
  const limit = onlyMoving ? MOST : PAGE_SIZE;
  let pipeline = await registry.getPipeline({ ...query, limit }, { signal });
  for (let request = 1; onlyMoving && request < SWEEP; request += 1) {
    if (pipeline.nextCursor === undefined) break;
    const more = await registry.getPipeline(
      { ...query, limit, cursor: pipeline.nextCursor },
      { signal },
    );
    pipeline = { ...more, items: [...pipeline.items, ...more.items] };
  }
  return pipeline;
}

/** What serves of these models, asked for together. */
export function useServingOf(rows: PipelineRow[]): {
  /** Undefined while it is not known. */
  serving: Serving | undefined;
  /** Whether inference does not answer. */
  isAway: boolean;
} {
  const inference = useApi(inferenceApiRef);
  const models = rows.map(({ model }) => model.name);
  const live = useLive(
    signal => readServing(inference, models, signal),
    [models.join()],
    { channel: INFERENCE_CHANNEL, pollMillis: 10_000, keepPrevious: true },
  );
  // What was true before inference stopped answering may be wrong by now.
  return {
    serving: live.error ? undefined : live.value,
    isAway: live.error !== undefined,
  };
}

async function readServing(
  inference: InferenceApi,
  models: string[],
  signal: AbortSignal,
): Promise<Serving> {
  const batches = Array.from(
    { length: Math.ceil(models.length / MODELS_A_REQUEST) },
    (_, index) =>
      models.slice(index * MODELS_A_REQUEST, (index + 1) * MODELS_A_REQUEST),
  );
  const found = await Promise.all(
    batches.map(batch => readDeployments(inference, batch, signal)),
  );
  return {
    asked: new Set(models),
    byPlace: new Map(
      found.flat().map(deployment => [placeRef(deployment), deployment]),
    ),
  };
}

async function readDeployments(
  inference: InferenceApi,
  models: string[],
  signal: AbortSignal,
): Promise<Deployment[]> {
  const deployments: Deployment[] = [];
  let cursor: string | undefined;
  do {
    const page = await inference.listDeployments(
      { models, limit: DEPLOYMENTS_A_REQUEST, cursor },
      { signal },
    );
    deployments.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return deployments;
}
