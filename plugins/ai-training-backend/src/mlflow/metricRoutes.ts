import type express from 'express';
import type { MetricService } from '../metrics/MetricService';
import type { Message } from './messages';
import { MlflowError } from './MlflowError';
import { MlflowRoutes } from './MlflowRoutes';
import { toMetricMessage } from './wire';

const MOST_BULK_RUNS = 100;
const MOST_BULK_STEPS = 2_500;

/** What was measured. */
export function createMetricRoutes(options: {
  metrics: MetricService;
}): express.Router {
  const { metrics } = options;
  return new MlflowRoutes()
    .add('get', '/metrics/get-history', async ({ message, credentials }) => {
      const { points, nextPageToken } = await metrics.readHistory(
        {
          runId: message.runId(),
          key: message.requiredText('metric_key'),
          maxResults: message.integer('max_results'),
          pageToken: message.text('page_token'),
        },
        { credentials },
      );
      return {
        metrics: points.map(point => toMetricMessage(point)),
        next_page_token: nextPageToken,
      };
    })
    .add(
      'get',
      '/metrics/get-history-bulk-interval',
      async ({ message, credentials }) => {
        const sampled = await metrics.readSampledSteps(
          {
            runIds: readRunIds(message),
            key: message.requiredText('metric_key'),
            range: readRange(message),
            steps: readMaxResults(message),
          },
          { credentials },
        );
        return {
          metrics: sampled.map(({ runId, point }) =>
            toMetricMessage(point, runId),
          ),
        };
      },
    ).router;
}

function readRunIds(message: Message): string[] {
  const runIds = message.texts('run_ids');
  if (runIds.length === 0) message.requiredText('run_ids');
  if (runIds.length > MOST_BULK_RUNS) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `GetMetricHistoryBulkInterval request must specify at most ${MOST_BULK_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  return runIds;
}

function readMaxResults(message: Message): number {
  const steps = message.integer('max_results') ?? MOST_BULK_STEPS;
  if (steps >= 1 && steps <= MOST_BULK_STEPS) return steps;
  throw new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `max_results must be between 1 and ${MOST_BULK_STEPS}.`,
  );
}

function readRange(message: Message): { from?: number; to?: number } {
  const from = message.integer('start_step');
  const to = message.integer('end_step');
  if ((from === undefined) !== (to === undefined)) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      'If either start step or end step are specified, both must be specified.',
    );
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`,
    );
  }
  return { from, to };
}
