import {
  type Experiment,
  type LoggedModel,
  type LoggedModelMetric,
  type LoggedModelStatus,
  type MetricPoint,
  OWNER_TAG,
  type Run,
} from '@greenroom/plugin-ai-training-common';

/** What the domain's things are called in MLflow's protocol. */

export function toExperimentMessage(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycle,
    creation_time: Date.parse(experiment.createdAt),
    last_update_time: Date.parse(experiment.updatedAt),
    tags: toPairs({ ...experiment.tags, [OWNER_TAG]: experiment.owner }),
  };
}

export function toRunMessage(run: Run): object {
  return {
    info: toRunInfoMessage(run),
    data: {
      metrics: run.metrics.map(point => toMetricMessage(point)),
      params: toPairs(run.params),
      tags: toPairs(run.tags),
    },
    inputs: {
      dataset_inputs: run.inputs.map(({ tags, dataset }) => ({
        tags: toPairs(tags),
        dataset: {
          name: dataset.name,
          digest: dataset.digest,
          source_type: dataset.sourceType,
          source: dataset.source,
          schema: dataset.schema,
          profile: dataset.profile,
        },
      })),
      model_inputs: run.inputModels.map(model_id => ({ model_id })),
    },
    outputs: {
      model_outputs: run.outputs.map(({ modelId, step }) => ({
        model_id: modelId,
        step,
      })),
    },
  };
}

export function toRunInfoMessage(run: Run): object {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: run.experiment,
    user_id: run.userId,
    status: run.status,
    start_time: run.startedAt,
    end_time: run.endedAt,
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle,
  };
}

/** @param runId - where the message has to say it */
export function toMetricMessage(point: MetricPoint, runId?: string): object {
  return {
    key: point.key,
    value: point.value,
    timestamp: point.at,
    step: point.step,
    run_id: runId,
  };
}

/** Without `creator_id`: clients take that for a number, and who made it is none. */
export function toLoggedModelMessage(model: LoggedModel): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experiment,
      name: model.name,
      creation_timestamp_ms: Date.parse(model.createdAt),
      last_updated_timestamp_ms: Date.parse(model.updatedAt),
      artifact_uri: model.artifactUri,
      status: toLoggedModelStatusName(model.status),
      model_type: model.modelType,
      source_run_id: model.sourceRun,
      status_message: model.statusMessage,
      tags: toPairs(model.tags),
    },
    data: {
      params: toPairs(model.params),
      metrics: model.metrics.map(metric => toModelMetric(metric, model.id)),
    },
  };
}

export function toLoggedModelStatusName(status: LoggedModelStatus): string {
  return `LOGGED_MODEL_${status}`;
}

function toModelMetric(metric: LoggedModelMetric, modelId: string): object {
  return {
    ...toMetricMessage(metric, metric.run),
    dataset_name: metric.datasetName,
    dataset_digest: metric.datasetDigest,
    model_id: modelId,
  };
}

/** Key/value pairs, as the protocol has tags and params. */
export function toPairs(
  values: Record<string, string>,
): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}
