import type express from 'express';
import type { Knex } from 'knex';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { ExperimentStore } from '../experiments/ExperimentStore';
import type { LoggedModelStore } from '../loggedModels/LoggedModelStore';
import type { RunStore } from '../runs/RunStore';
import { ExperimentSearch } from '../search/ExperimentSearch';
import { findDatasetSummaries } from '../search/findDatasetSummaries';
import {
  type LoggedModelOrder,
  LoggedModelSearch,
  type OnDataset,
} from '../search/LoggedModelSearch';
import type { RunSearch } from '../search/RunSearch';
import type { Message } from './messages';
import { type MlflowCall, MlflowRoutes } from './MlflowRoutes';
import {
  toExperimentMessage,
  toLoggedModelMessage,
  toRunMessage,
} from './wire';

const VIEW_TYPES = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const;

/** What MLflow's clients search for. */
export function createSearchRoutes(options: {
  knex: Knex;
  guard: Pick<ExperimentGuard, 'visible'>;
  experiments: Pick<ExperimentStore, 'getMany'>;
  loggedModels: Pick<LoggedModelStore, 'getMany'>;
  runs: Pick<RunStore, 'getMany'>;
  runSearch: RunSearch;
}): express.Router {
  const { knex, guard, experiments, loggedModels, runs, runSearch } = options;
  const experimentSearch = new ExperimentSearch({ knex });
  const loggedModelSearch = new LoggedModelSearch({ knex });

  const searchExperiments = async ({ message, ...call }: MlflowCall) => {
    const { experimentIds, nextPageToken } = await experimentSearch.search({
      ...readQuery(message),
      orderBy: message.texts('order_by'),
      viewType: message.oneOf('view_type', VIEW_TYPES),
      visible: await guard.visible(call),
    });
    const found = await experiments.getMany(experimentIds);
    return {
      experiments: found.flatMap(it => (it ? [toExperimentMessage(it)] : [])),
      next_page_token: nextPageToken,
    };
  };

  return new MlflowRoutes()
    .add('post', '/experiments/search', searchExperiments)
    .add('get', '/experiments/search', searchExperiments)
    .add('post', '/runs/search', async ({ message, ...call }) => {
      const found = await runSearch.search({
        ...readQuery(message),
        experimentIds: message.texts('experiment_ids'),
        orderBy: message.texts('order_by'),
        viewType: message.oneOf('run_view_type', VIEW_TYPES),
        visible: await guard.visible(call),
      });
      return {
        runs: (await runs.getMany(found.runs)).map(toRunMessage),
        next_page_token: found.nextPageToken,
      };
    })
    .add('post', '/logged-models/search', async ({ message, ...call }) => {
      const { modelIds, nextPageToken } = await loggedModelSearch.search({
        ...readQuery(message),
        experimentIds: message.texts('experiment_ids'),
        datasets: message.messages('datasets').map(readDataset),
        orderBy: message.messages('order_by').map(readOrder),
        visible: await guard.visible(call),
      });
      const models = await loggedModels.getMany(modelIds);
      return {
        models: models.map(toLoggedModelMessage),
        next_page_token: nextPageToken,
      };
    })
    .add(
      'post',
      '/experiments/search-datasets',
      async ({ message, ...call }) => {
        const summaries = await findDatasetSummaries(knex, {
          experimentIds: message.texts('experiment_ids'),
          visible: await guard.visible(call),
        });
        return {
          dataset_summaries: summaries.map(({ experimentId, ...summary }) => ({
            experiment_id: experimentId,
            ...summary,
          })),
        };
      },
    ).router;
}

function readQuery(message: Message) {
  return {
    filter: message.text('filter'),
    maxResults: message.integer('max_results'),
    pageToken: message.text('page_token'),
  };
}

function readDataset(message: Message): OnDataset {
  return {
    datasetName: message.requiredText('dataset_name'),
    datasetDigest: message.text('dataset_digest') || undefined,
  };
}

function readOrder(message: Message): LoggedModelOrder {
  return {
    fieldName: message.requiredText('field_name'),
    ascending: message.boolean('ascending'),
    datasetName: message.text('dataset_name') || undefined,
    datasetDigest: message.text('dataset_digest') || undefined,
  };
}
