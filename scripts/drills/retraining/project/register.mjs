// @ts-check
/**
 * Registers a model that is here already as a version from its run, as a program does that has trained one:
 * `register.mjs MODEL`. Killed at any moment and run again it makes no second one.
 */
import { readFileSync } from 'node:fs';

const [model] = process.argv.slice(2);
const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID } =
  process.env;

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
  });
  const text = await response.text();
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

await main();
