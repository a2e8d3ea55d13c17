// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readVersion } from '../../scripts/demo/demoModels.mjs';
import { pushFirstDeployments } from '../../scripts/demo/environmentsRepository.mjs';
import { createPredictRequest } from '../../scripts/demo/requests.mjs';
import { readHeldOutRows } from '../../scripts/demo/rows.mjs';
import { startGitHub } from '../../scripts/lib/githubStandIn.mjs';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { inferenceServerProgram } from '../../scripts/stack/environment.mjs';
import { DATA_PLANE_TOKEN, startStack } from '../control-plane/stack.mjs';
import { Api, SCOPES, until } from './api.mjs';

const MODEL = 'diabetes';
const ASK_MILLIS = 10;
const SETTLE_MILLIS = 1_000;
const GATED = new Set(['awaiting-review', 'blocked']);

/**
 * Promotes one version after the other by pull requests that a person merges on GitHub, and asks
 * the data plane until the new version answers.
 *
 * @param {{ directory: string, rounds: number, say: (line: string) => void }} options
 * @returns {Promise<number[]>} milliseconds from each merge to the first answer of the new version
 */
export async function measureMerges({ directory, rounds, say }) {
  const folder = path.join(directory, 'merges');
  const home = path.join(folder, 'github');
  mkdirSync(home, { recursive: true });
  const { github, integration } = await startGitHub(home);
  const stops = [() => github.stop()];
  try {
    const stack = await startStack(folder, {
      scopes: SCOPES,
      settings: {
        integrations: { github: [integration] },
        aiRegistry: {
          trial: { program: inferenceServerProgram },
          environments: {
            directory: path.join(folder, 'copy.git'),
            repository: github.repositoryUrl,
            // So seldom that only webhooks tell in time; a person may merge what nobody has approved.
            github: { requireChecks: false, sweepSeconds: 3_600 },
          },
        },
      },
    });
    stops.push(() => stack.stop());
    github.webhooks.url = `${stack.url}/api/ai-registry/git-host/webhook`;
    const dataPlane = await startDataPlane(stack.url, folder);
    stops.push(() => dataPlane.stop());
    const api = new Api(stack.url);
    const ask = await prepare({ api, github, dataPlane });
    const millis = [];
    for (let round = 0; round < rounds; round++) {
      millis.push(
        await mergeOne({ api, github, ask, version: (round % 2) + 1 }),
      );
      say(`Round ${round + 1}: ${millis.at(-1)?.toFixed(0)} ms`);
    }
    return millis;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** Both versions are registered, and the second one answers. */
async function prepare({ api, github, dataPlane }) {
  await api.register(MODEL, [1, 2]);
  const { digest } = readVersion(MODEL, 2);
  await pushFirstDeployments(github.cloneUrlOf('octocat'), [
    { model: MODEL, version: 2, digest },
  ]);
  const { secret } = await api.call('/ai-inference/keys', {
    body: { name: 'bench', models: [MODEL] },
  });
  const [row] = readHeldOutRows(MODEL);
  const { path: target, body } = createPredictRequest(MODEL, [row]);
  const ask = async () => {
    const response = await fetch(`${dataPlane.url}${target}`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
      },
    });
    const answer = /** @type {any} */ (await response.json());
    return response.ok ? Number(answer.model_version) : undefined;
  };
  await until('version 2 answers', async () => (await ask()) === 2, {
    seconds: 120,
  });
  return ask;
}

async function mergeOne({ api, github, ask, version }) {
  const { id } = await api.promote({ model: MODEL, version });
  const route = `/ai-registry/promotions/${id}`;
  const { changeRequest } = await until(
    'the gates have been asked',
    async () => {
      const promotion = await api.call(route);
      return GATED.has(promotion.state.phase) && promotion;
    },
    { seconds: 120 },
  );
  // Nothing of its checks is under way any more.
  await sleep(SETTLE_MILLIS);
  const started = performance.now();
  await github.people.merge({
    number: changeRequest.number,
    account: 'octocat',
  });
  await until(
    `version ${version} answers`,
    async () => (await ask()) === version,
    { seconds: 60, pauseMillis: ASK_MILLIS },
  );
  const millis = performance.now() - started;
  await until(
    'the promotion has ended',
    async () => (await api.call(route)).state.phase === 'completed',
    { seconds: 60 },
  );
  return millis;
}

async function startDataPlane(controlPlaneUrl, folder) {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(path.join(folder, 'data-plane.log'), 'w');
  const child = spawn(process.execPath, [inferenceServerProgram], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      GREENROOM_CONTROL_PLANE_URL: controlPlaneUrl,
      GREENROOM_CONTROL_PLANE_TOKEN: DATA_PLANE_TOKEN,
      GREENROOM_ENVIRONMENT: 'production',
      GREENROOM_DATA_DIR: path.join(folder, 'data-plane'),
      GREENROOM_PORT: String(port),
      GREENROOM_ADMIN_PORT: String(await findFreePort()),
      GREENROOM_PUBLIC_URL: url,
    },
    stdio: ['ignore', log, log],
  });
  return { url, stop: () => child.kill('SIGKILL') };
}
