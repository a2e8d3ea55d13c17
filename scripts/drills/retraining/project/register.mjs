// @ts-check
/**
 * Registers a model that is here already as a version from its run, as a program does that has trained one:
 * `register.mjs MODEL`. Killed at any moment and run again it makes no second one.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** As long as MLflow's client tries again. */
const AWAY_MILLIS = 120_000;

const [model] = process.argv.slice(2);
const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID } =
  process.env;

/** The control plane is away; it may have done what it was asked. */
class AwayError extends Error {}

async function ask(method, path, body) {
  const response = await fetch(`${MLFLOW_TRACKING_URI}/api/2.0/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${MLFLOW_TRACKING_TOKEN}`,
      'content-type':
        body instanceof Buffer
          ? 'application/octet-stream'
          : 'application/json',
    },
    body: body instanceof Buffer ? body : body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  }).catch(error => {
    throw new AwayError(String(error.cause ?? error));
  });
  const text = await response.text();
  if (response.status >= 500) throw new AwayError(text);
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

async function main() {
  const source = `runs:/${MLFLOW_RUN_ID}/model`;
  const filter = new URLSearchParams({
    filter: `name = '${model}' and run_id = '${MLFLOW_RUN_ID}'`,
  });
  const { model_versions: known = [] } = await ask(
    'GET',
    `mlflow/model-versions/search?${filter}`,
  );
  if (known.length > 0) {
    console.log(`version ${known[0].version} is there already`);
    return;
  }
  const { run } = await ask('GET', `mlflow/runs/get?run_id=${MLFLOW_RUN_ID}`);
  const folder = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
  for (const [name, file] of [
    ['digits.onnx', 'model.onnx'],
    ['greenroom.json', 'model.json'],
  ]) {
    await ask(
      'PUT',
      `mlflow-artifacts/artifacts/${folder}/model/${name}`,
      readFileSync(new URL(file, import.meta.url)),
    );
  }
  const { model_version: made } = await ask(
    'POST',
    'mlflow/model-versions/create',
    { name: model, source, run_id: MLFLOW_RUN_ID },
  );
  console.log(`registered as version ${made.version}`);
}

for (const begunAt = Date.now(); ; ) {
  try {
    await main();
    break;
  } catch (error) {
    const isLate = Date.now() - begunAt > AWAY_MILLIS;
    if (!(error instanceof AwayError) || isLate) throw error;
    console.log(`tried again from the beginning: ${error.message}`);
    await sleep(1_000);
  }
}
