// @ts-check
/**
 * The cases of mlflow-go's benchmark, and those of its registry: what 20 users ask at the same time.
 *
 * @typedef {{ method: string, path: string, body?: object }} Request
 * @typedef {{ post(path: string, body: object): Promise<any> }} Api
 * @typedef {{ name: string, prepare(api: Api, size: Size): Promise<() => Request> }} Case
 * @typedef {{ runs: number, points: number, versions: number, mark: string }} Size
 */

const post = (path, body) => ({ method: 'POST', path, body });
const get = (path, query) => ({
  method: 'GET',
  path: `${path}?${new URLSearchParams(query)}`,
});
const now = () => Date.now();

/** Metrics of one batch: as many keys as there are, one point each. */
function metricsOf(count, step) {
  return Array.from({ length: count }, (_, index) => ({
    key: `metric-${index}`,
    value: Math.sin(step + index),
    timestamp: now(),
    step,
  }));
}

async function makeExperiment(api, mark, name) {
  const { experiment_id } = await api.post('experiments/create', {
    name: `${mark}-${name}`,
  });
  return experiment_id;
}

async function makeRun(api, experiment_id) {
  const { run } = await api.post('runs/create', {
    experiment_id,
    start_time: now(),
  });
  return run.info.run_id;
}

/** @returns {Case} */
function logMetrics(count) {
  return {
    name: `LogMetricBatch${count}`,
    async prepare(api, { mark }) {
      const experiment = await makeExperiment(api, mark, `metrics-${count}`);
      const runs = [];
      for (let index = 0; index < 20; index++) {
        runs.push(await makeRun(api, experiment));
      }
      let step = 0;
      return () => {
        step += 1;
        return post('runs/log-batch', {
          run_id: runs[step % runs.length],
          metrics: metricsOf(count, step),
        });
      };
    },
  };
}

/** @returns {Case} */
function logParams(count) {
  return {
    name: `LogParamBatch${count}`,
    async prepare(api, { mark }) {
      const experiment = await makeExperiment(api, mark, `params-${count}`);
      // Params never change: each batch has keys of its own.
      const runs = [];
      for (let index = 0; index < 20; index++) {
        runs.push(await makeRun(api, experiment));
      }
      let batch = 0;
      return () => {
        batch += 1;
        return post('runs/log-batch', {
          run_id: runs[batch % runs.length],
          params: Array.from({ length: count }, (_, index) => ({
            key: `param-${batch}-${index}`,
            value: String(index),
          })),
        });
      };
    },
  };
}

/** @type {Case[]} */
export const cases = [
  {
    name: 'CreateRun',
    async prepare(api, { mark }) {
      const experiment_id = await makeExperiment(api, mark, 'create');
      return () =>
        post('runs/create', {
          experiment_id,
          start_time: now(),
          tags: [{ key: 'mlflow.user', value: 'bench' }],
        });
    },
  },
  logMetrics(10),
  logMetrics(100),
  logMetrics(500),
  logParams(10),
  logParams(100),
  {
    name: 'SearchRuns',
    async prepare(api, { mark, runs }) {
      const experiment = await makeExperiment(api, mark, 'search');
      for (let index = 0; index < runs; index++) {
        const run_id = await makeRun(api, experiment);
        await api.post('runs/log-batch', {
          run_id,
          metrics: metricsOf(10, index),
          params: Array.from({ length: 10 }, (_, at) => ({
            key: `param-${at}`,
            value: String((index * 7 + at) % 10),
          })),
          tags: [{ key: 'group', value: String(index % 5) }],
        });
      }
      return () =>
        post('runs/search', {
          experiment_ids: [experiment],
          filter: "metrics.`metric-1` > 0 AND params.`param-2` = '3'",
          order_by: ['metrics.`metric-0` DESC'],
          max_results: 100,
        });
    },
  },
  {
    name: 'SearchExperiments',
    async prepare(api, { mark }) {
      for (let index = 0; index < 50; index++) {
        await makeExperiment(api, mark, `found-${index}`);
      }
      return () =>
        post('experiments/search', {
          filter: `name LIKE '${mark}-found%'`,
          max_results: 20,
        });
    },
  },
  {
    name: 'MetricHistory',
    async prepare(api, { mark, points }) {
      const run_id = await makeRun(
        api,
        await makeExperiment(api, mark, 'history'),
      );
      for (let step = 0; step < points; step += 500) {
        await api.post('runs/log-batch', {
          run_id,
          metrics: Array.from({ length: 500 }, (_, index) => ({
            key: 'loss',
            value: 1 / (step + index + 1),
            timestamp: now(),
            step: step + index,
          })),
        });
      }
      return () => get('metrics/get-history', { run_id, metric_key: 'loss' });
    },
  },
  {
    name: 'CreateVersion',
    async prepare(api, { mark }) {
      const made = await makeFolder(api, mark, 'create-version');
      const name = `${mark}-versions`;
      await api.post('registered-models/create', { name });
      return () => post('model-versions/create', { name, ...made });
    },
  },
  {
    name: 'SearchVersions',
    async prepare(api, { mark, versions }) {
      const name = await makeVersions(api, mark, 'search', versions);
      return () =>
        get('model-versions/search', {
          filter: `name = '${name}'`,
          max_results: '100',
        });
    },
  },
  {
    name: 'GetByAlias',
    async prepare(api, { mark, versions }) {
      const name = await makeVersions(api, mark, 'alias', versions);
      await api.post('registered-models/alias', {
        name,
        alias: 'champion',
        version: '1',
      });
      return () => get('registered-models/alias', { name, alias: 'champion' });
    },
  },
];

/** Files that a version can be made of. */
async function makeFolder(api, mark, name) {
  const experiment = await makeExperiment(api, mark, name);
  const { run } = await api.post('runs/create', { experiment_id: experiment });
  const uri = `${run.info.artifact_uri}/model`;
  await api.put(`${uri}/MLmodel`, 'flavors: {}\n');
  return { source: uri, run_id: run.info.run_id };
}

/** A model of its own, and versions of it. */
export async function makeVersions(api, mark, what, count) {
  const made = await makeFolder(api, mark, `folder-${what}`);
  const name = `${mark}-${what}`;
  await api.post('registered-models/create', { name });
  for (let index = 0; index < count; index++) {
    await api.post('model-versions/create', { name, ...made });
  }
  return name;
}
