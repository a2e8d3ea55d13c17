// @ts-check
/**
 * Loads the demo: registers the datasets, and the example models with both versions, deploys version 1 of each
 * through the environments repository, and issues a key for the traffic generator. It looks at
 * what is there before each step, so that it can be stopped and started again.
 *
 * Environment: GREENROOM_URL, GREENROOM_TOKEN (a token with the scopes of app-config.demo.yaml), GREENROOM_DATA_PLANE_URL,
 * GREENROOM_ENVIRONMENTS_REPOSITORY, GREENROOM_DATA_DIR.
 */
import path from 'node:path';
import { fail, UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { ControlPlane, waitFor } from './ControlPlane.mjs';
import { demoDatasets, readDataset } from './demoDatasets.mjs';
import { demoModels, readVersion, VERSIONS } from './demoModels.mjs';
import { pushFirstDeployments } from './environmentsRepository.mjs';
import { createPredictRequest } from './requests.mjs';
import { readHeldOutRows } from './rows.mjs';
import { readTrafficKey, writeTrafficKey } from './trafficKey.mjs';

const KEY_NAME = 'Demo traffic';
const KEY_OWNER = 'group:default/ml-platform';
/** A key that ends sooner is replaced. */
const KEY_MARGIN_MILLIS = 7 * 24 * 3_600_000;

async function main() {
  const settings = readSettings();
  const controlPlane = new ControlPlane(settings);

  console.log('Waiting for the control plane');
  await waitFor(
    'the control plane',
    () => controlPlane.call('/ai-registry/models?limit=1'),
    { seconds: 120 },
  );
  await waitForCatalog(controlPlane);
  for (const one of demoDatasets) await registerDataset(controlPlane, one);
  for (const model of demoModels) await registerModel(controlPlane, model);
  await deployFirstVersions(controlPlane, settings.environmentsRepository);
  const key = await issueTrafficKey(controlPlane);
  for (const { name } of demoModels) {
    await waitForAnswer(settings.dataPlaneUrl, key, name);
  }
  await buildDocumentation(controlPlane);
  console.log('The demo is loaded');
}

function readSettings() {
  const token = process.env.GREENROOM_TOKEN;
  if (!token) {
    throw new UserError(
      'GREENROOM_TOKEN is not set: give the demo loader the token that app-config.demo.yaml names for it. `npm start` does.',
    );
  }
  return {
    url: process.env.GREENROOM_URL ?? 'http://localhost:7007',
    token,
    dataPlaneUrl:
      process.env.GREENROOM_DATA_PLANE_URL ?? 'http://localhost:7080',
    environmentsRepository:
      process.env.GREENROOM_ENVIRONMENTS_REPOSITORY ??
      path.join(dataDirectory, 'git/environments.git'),
  };
}

/** Search knows only documentation that was built, and would find nothing until somebody opens it. */
async function buildDocumentation(controlPlane) {
  console.log('Building the documentation');
  const site = '/techdocs/sync/default/system/greenroom';
  try {
    await waitFor(
      'the documentation of the catalog entity system:default/greenroom',
      () => controlPlane.find(site),
      { seconds: 30 },
    );
  } catch (error) {
    // The demo works without it; it is built when somebody opens it.
    console.log(`The documentation was not built: ${error.message}`);
  }
}

/** Owners and systems have to exist; the catalog reads them from files after its start. */
async function waitForCatalog(controlPlane) {
  const refs = new Set([
    KEY_OWNER,
    ...demoDatasets.map(({ dataset }) => dataset.owner),
    ...demoModels.flatMap(({ owner, system }) => [owner, system]),
  ]);
  for (const ref of refs) {
    const [kind, name] = ref.split(':default/');
    await waitFor(
      `${ref} in the catalog`,
      () =>
        controlPlane.find(`/catalog/entities/by-name/${kind}/default/${name}`),
      { seconds: 120 },
    );
  }
}

async function registerDataset(controlPlane, { dataset, file, format }) {
  const datasets = '/ai-registry/datasets';
  const { name } = dataset;
  if (!(await controlPlane.find(`${datasets}/${name}`))) {
    console.log(`Registering the dataset ${name}`);
    await controlPlane.call(datasets, { method: 'POST', body: dataset });
  }
  const { content, digest } = readDataset(file);
  const { items } = await controlPlane.call(
    `${datasets}/${name}/versions?limit=100`,
  );
  if (items.some(({ fileDigest }) => fileDigest === digest)) return;
  await controlPlane.call(`${datasets}/${name}/files?format=${format}`, {
    method: 'POST',
    bytes: content,
  });
}

async function registerModel(controlPlane, model) {
  const models = '/ai-registry/models';
  if (!(await controlPlane.find(`${models}/${model.name}`))) {
    console.log(`Registering ${model.name}`);
    await controlPlane.call(models, { method: 'POST', body: model });
  }
  const versions = `${models}/${model.name}/versions`;
  const { items } = await controlPlane.call(`${versions}?limit=100`);
  const known = new Set(items.map(item => item.digest));
  for (const version of VERSIONS) {
    const { artifact, digest, body } = readVersion(model.name, version);
    if (known.has(digest)) continue;
    console.log(`Uploading version ${version} of ${model.name}`);
    await controlPlane.call('/ai-registry/artifacts', {
      method: 'POST',
      bytes: artifact,
    });
    await controlPlane.call(versions, { method: 'POST', body });
  }
}

async function deployFirstVersions(controlPlane, repository) {
  const deployments = [];
  for (const { name } of demoModels) {
    const { version, digest } = await controlPlane.call(
      `/ai-registry/models/${name}/versions/1`,
    );
    deployments.push({ model: name, version, digest });
  }
  const added = await waitFor(
    `the environments repository ${repository}`,
    () => pushFirstDeployments(repository, deployments),
    { seconds: 30 },
  );
  if (added.length > 0) {
    console.log(`Pushed the first deployment of ${added.join(' and ')}`);
  }
  for (const { name } of demoModels) {
    console.log(`Waiting until ${name} is deployed`);
    await waitFor(
      `the deployment of ${name}`,
      () => findReadyDeployment(controlPlane, name),
      { seconds: 120 },
    );
  }
}

async function findReadyDeployment(controlPlane, model) {
  const { items } = await controlPlane.call(
    `/ai-inference/deployments?environment=production&model=${model}`,
  );
  return items.find(({ dataPlanes }) => dataPlanes.ready > 0);
}

/** The key of an earlier run while it is good; else a new one, and those that got lost are revoked. */
async function issueTrafficKey(controlPlane) {
  const saved = readTrafficKey();
  const { items } = await controlPlane.call('/ai-inference/keys?limit=500');
  const active = items.filter(
    key =>
      key.name === KEY_NAME &&
      key.createdBy.startsWith('service:') &&
      !key.revokedAt &&
      Date.parse(key.expiresAt) > Date.now() + KEY_MARGIN_MILLIS,
  );
  if (saved && active.some(key => key.id === saved.id)) return saved;
  console.log('Issuing a key for the demo traffic');
  for (const { id } of active) {
    await controlPlane.call(`/ai-inference/keys/${id}/revoke`, {
      method: 'POST',
      body: {},
    });
  }
  const key = await controlPlane.call('/ai-inference/keys', {
    method: 'POST',
    body: {
      name: KEY_NAME,
      owner: KEY_OWNER,
      models: demoModels.map(({ name }) => name),
      // Some of its requests name a version that there is not.
      scopes: ['versions'],
    },
  });
  writeTrafficKey(key);
  return key;
}

/**
 * The proof that all of it works: a real answer to a real row. It is asked for only when the data
 * plane knows the model and the key, so that the dashboards do not start with refused requests.
 */
async function waitForAnswer(dataPlaneUrl, key, model) {
  console.log(`Waiting for the first answer of ${model}`);
  const ask = async (target, request = {}) => {
    const response = await fetch(`${dataPlaneUrl}${target}`, {
      ...request,
      headers: {
        authorization: `Bearer ${key.secret}`,
        'content-type': 'application/json',
      },
      signal: AbortSignal.timeout(10_000),
    });
    if (response.ok) return true;
    throw new Error(`${response.status} ${await response.text()}`);
  };
  const what = `an answer of ${model} from ${dataPlaneUrl}`;
  await waitFor(what, () => ask(`/v2/models/${model}`), { seconds: 60 });
  const [row] = readHeldOutRows(model);
  const { path: target, body } = createPredictRequest(model, [row]);
  await waitFor(what, () => ask(target, { method: 'POST', body }), {
    seconds: 60,
  });
}

main().catch(fail);
