// @ts-check
import { waitFor } from '../../../demo/ControlPlane.mjs';
import { SIGNATURE } from './Endpoint.mjs';

/** Ada's team, who may steer their rollouts. */
const OWNER = 'group:default/vision-team';

/**
 * A version as a manifest names it.
 *
 * @typedef {{ version: number, digest: string }} Version
 */

/**
 * Registers a model with versions that an endpoint runs.
 *
 * @param {import('../../lib/Portal.mjs').Portal} portal
 * @param {string} model
 * @param {{ connection: string, model: string }[]} versions - in their order
 * @returns {Promise<Version[]>}
 */
export async function registerRemote(portal, model, versions) {
  await registerModel(portal, model);
  const registered = [];
  for (const version of versions) {
    const file = await portal.insist('/ai-registry/artifacts', {
      method: 'POST',
      bytes: Buffer.from(
        JSON.stringify({
          formatVersion: 1,
          ...version,
          tasks: [],
          tensors: { protocol: 'open-inference', signature: SIGNATURE },
        }),
      ),
    });
    registered.push(
      await registerVersion(portal, model, {
        bundle: {
          format: 'external',
          files: [{ path: 'external.json', ...file }],
        },
      }),
    );
  }
  return registered;
}

/**
 * Registers a model whose versions are all the same file.
 *
 * @param {import('../../lib/Portal.mjs').Portal} portal
 * @param {string} model
 * @param {{ bytes: Buffer, versions: number }} options
 * @returns {Promise<Version[]>}
 */
export async function registerAlike(portal, model, { bytes, versions }) {
  await registerModel(portal, model);
  const { digest } = await portal.insist('/ai-registry/artifacts', {
    method: 'POST',
    bytes,
  });
  const registered = [];
  for (let count = 0; count < versions; count++) {
    registered.push(await registerVersion(portal, model, { digest }));
  }
  return registered;
}

function registerModel(portal, name) {
  return portal.insist('/ai-registry/models', {
    method: 'POST',
    body: { name, title: name, task: 'regression', owner: OWNER },
  });
}

async function registerVersion(portal, model, content) {
  const { version, digest } = await portal.insist(
    `/ai-registry/models/${model}/versions`,
    { method: 'POST', body: { description: 'For a rollout.', ...content } },
  );
  return { version, digest };
}

/**
 * @param {import('../../lib/Portal.mjs').Portal} portal
 * @param {string[]} models
 * @returns {Promise<string>} the secret of a key for them
 */
export async function issueKey(portal, models) {
  const { secret } = await portal.insist('/ai-inference/keys', {
    method: 'POST',
    body: { name: 'rollouts', owner: OWNER, models },
  });
  return secret;
}

/**
 * A manifest of production, as JSON, which YAML is.
 *
 * @param {string} model
 * @param {object} spec
 */
export function productionManifest(model, spec) {
  return {
    file: `environments/production/models/${model}.yaml`,
    text: `${JSON.stringify(
      {
        apiVersion: 'greenroom.dev/v2',
        kind: 'ModelDeployment',
        metadata: { name: model, environment: 'production' },
        spec,
      },
      null,
      2,
    )}\n`,
  };
}

/** A model in production; undefined before there is one. */
export async function deploymentOf(portal, model) {
  const { items } = await portal.insist(
    `/ai-inference/deployments?environment=production&model=${model}`,
  );
  return items.at(0);
}

/**
 * Waits until a model's deployment is as a test says.
 *
 * @param {import('../../lib/Portal.mjs').Portal} portal
 * @param {string} model
 * @param {{ what: string, seconds: number, holds: (deployment: any) => boolean }} options
 */
export function untilDeployment(portal, model, { what, seconds, holds }) {
  return waitFor(
    `${model} ${what}`,
    async () => {
      const found = await deploymentOf(portal, model);
      return found && holds(found) ? found : undefined;
    },
    { seconds },
  );
}

/** Whether a version answers with a share of the traffic, in percent. */
export const hasShare = (version, percent) => deployment =>
  deployment.variants.some(
    variant => variant.version === version && variant.weightPercent === percent,
  );

/**
 * Waits until the rollout of the second version has ended. A version that was taken back is followed
 * by the rollout of the way back, so that it is not the last one for long.
 */
export function untilEnded(portal, model, { seconds }) {
  return waitFor(
    `the rollout of version 2 of ${model} to end`,
    async () => {
      const { items } = await portal.insist(
        `/ai-inference/rollouts?environment=production&model=${model}`,
      );
      return items.find(
        ({ toVersion, state }) =>
          toVersion === 2 && ['completed', 'rejected'].includes(state.phase),
      );
    },
    { seconds },
  );
}

/** Waits until a change request has Git ask for the proven version of a model again. */
export function untilWayBack(portal, model) {
  return waitFor(
    `the way back of ${model}`,
    async () => {
      const { items } = await portal.insist(
        `/ai-registry/promotions?model=${model}&environment=production`,
      );
      return items.find(({ kind }) => kind === 'rollback');
    },
    { seconds: 60 },
  );
}
