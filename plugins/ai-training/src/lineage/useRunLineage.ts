import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import type { Consumer } from '@greenroom/plugin-ai-inference-common';
import type {
  LoggedModelSummary,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { inferenceApiRef, registryApiRef } from '../api/otherPlugins';
import { isGoingOn } from '../runs/runList';
import { type Answer, answerOf } from './answer';
import type { RunLineageParts } from './runLineage';

/** Versions of one run; a run that has more is shown with its newest. */
const MOST_VERSIONS = 50;
/** Models whose callers are asked for, one request each. */
const MOST_MODELS = 10;
const BUSY_POLL_MILLIS = 15_000;
const IDLE_POLL_MILLIS = 60_000;

/** What became of a run, from the plugins that know. */
export function useRunLineage(
  run: Run,
  models: LoggedModelSummary[],
): Live<Omit<RunLineageParts, 'run' | 'models'>> {
  const training = useApi(aiTrainingApiRef);
  const registry = useApi(registryApiRef);
  const inference = useApi(inferenceApiRef);
  return useLive(
    async signal => {
      const datasets = answerOf(listDatasets(signal));
      const versions = await answerOf(
        registry
          .searchVersions(
            {
              conditions: [{ field: 'run', comparator: '=', values: [run.id] }],
              order: [{ by: 'createdAt', descending: true }],
              limit: MOST_VERSIONS,
            },
            { signal },
          )
          .then(({ items }) => items),
      );
      const registered =
        versions.state === 'told' ? versions.value.map(it => it.model) : [];
      const deployments = await answerOf(
        listDeployments([...new Set(registered)], signal),
      );
      const deployed =
        deployments.state === 'told'
          ? [...new Set(deployments.value.map(it => it.model))]
          : [];
      const consumers = await listConsumers(
        deployed.slice(0, MOST_MODELS),
        signal,
      );
      return { datasets: await datasets, versions, deployments, consumers };
    },
    [run.id, run.status, run.inputs.length, models.length],
    {
      pollMillis: isGoingOn(run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );

  async function listDatasets(signal: AbortSignal) {
    if (run.inputs.length === 0) return [];
    return (await training.listRegistryInputs(run.id, { signal })).items;
  }

  async function listDeployments(names: string[], signal: AbortSignal) {
    // Also without any name: it tells whether there is anybody to ask.
    const { items } = await inference.listDeployments(
      {
        ...(names.length > 0 && { models: names }),
        limit: names.length > 0 ? 500 : 1,
      },
      { signal },
    );
    return names.length > 0 ? items : [];
  }

  /** What one may know of some models is shown, whatever the others say. */
  async function listConsumers(
    names: string[],
    signal: AbortSignal,
  ): Promise<Answer<Record<string, Consumer[]>>> {
    const answers = await Promise.all(
      names.map(async name => ({
        name,
        answer: await answerOf(inference.listConsumers(name, { signal })),
      })),
    );
    const told = answers.flatMap(({ name, answer }) =>
      answer.state === 'told' ? [[name, answer.value.items] as const] : [],
    );
    const silent = answers.find(({ answer }) => answer.state !== 'told');
    if (told.length === 0 && silent && silent.answer.state !== 'told') {
      return silent.answer;
    }
    return { state: 'told', value: Object.fromEntries(told) };
  }
}
