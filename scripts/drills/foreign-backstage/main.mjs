// @ts-check
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { waitFor } from '../../demo/ControlPlane.mjs';
import { bold, dim, fail, step, UserError } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';
import { findFreePort } from '../../lib/ports.mjs';
import { startPostgres } from '../../lib/postgres.mjs';
import { pack } from '../../pack/main.mjs';
import { publicPackages, tarballName } from '../../pack/publicPackages.mjs';
import { findChromium } from '../../test/chromium.mjs';
import { Invariants } from '../lib/Invariants.mjs';
import { freshApp } from './freshApp.mjs';
import { PackedRegistry } from './PackedRegistry.mjs';
import { readSteps } from './page.mjs';
import { Reader } from './Reader.mjs';
import { missingEntries } from './tarball.mjs';
import { Visitor } from './Visitor.mjs';

const PAGE = path.join(root, 'docs/how-to/add-to-an-existing-backstage.md');
const START_SECONDS = 420;

/**
 * Adds Greenroom to a fresh Backstage app as `docs/how-to/add-to-an-existing-backstage.md` says, from
 * the packed tarballs, and sees whether it works there:
 *
 *     npm run drill:foreign-backstage               ten to twenty minutes
 *     npm run drill:foreign-backstage -- --packed   with the tarballs of the last time
 */
async function main() {
  const invariants = new Invariants();
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-foreign-'));
  // The database server may run as another user.
  chmodSync(scratch, 0o755);
  const undo = [];
  const stopAll = async () => {
    for (const stop of undo.splice(0).reverse()) await stop();
  };
  process.once('SIGTERM', () => stopAll().finally(() => process.exit(1)));
  try {
    await play({ invariants, scratch, undo });
  } finally {
    await stopAll();
    if (process.env.GREENROOM_DRILL_KEEP) {
      console.log(dim(`  Logs and pictures are kept in ${scratch}`));
    } else {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  const { held, broken } = invariants;
  console.log(`\n${held} passed, ${broken} failed`);
  process.exit(broken > 0 ? 1 : 0);
}

async function play({ invariants, scratch, undo }) {
  const program = await findChromium();
  if (!program) {
    throw new UserError(
      'This drill opens pages in Chromium and found none: install it, or set GREENROOM_CHROMIUM to its program.',
    );
  }
  const packed = path.join(root, '.cache/pack');
  if (!process.argv.includes('--packed') || !existsSync(packed)) {
    await pack(packed);
  }
  const missing = publicPackages().flatMap(({ name }) =>
    missingEntries(path.join(packed, tarballName(name))).map(
      entry => `${entry} of ${name}`,
    ),
  );
  invariants.check(
    'every tarball has what its manifest names',
    missing.length === 0,
    missing.join(', '),
  );
  const registry = await new PackedRegistry(packed).start();
  undo.push(() => registry.stop());
  const env = commandEnvironment({ scratch, registry });
  const app = await freshApp({ env });
  const ports = {
    portal: await findFreePort(13_000),
    backend: await findFreePort(17_007),
    dataPlane: await findFreePort(17_080),
    dataPlaneAdmin: await findFreePort(17_081),
    database: await findFreePort(15_432),
  };
  const database = await step('Starting PostgreSQL', () =>
    startPostgres({
      directory: path.join(scratch, 'postgres'),
      port: ports.database,
      password: 'drill',
      durable: false,
    }),
  );
  undo.push(() => database.stop());
  haveOwnPlaces({ app, ports, registry });

  const reader = new Reader({
    app,
    logs: path.join(scratch, 'logs'),
    env: {
      ...env,
      ...postgresVariables(database.url),
      GREENROOM_PORT: String(ports.dataPlane),
      GREENROOM_ADMIN_PORT: String(ports.dataPlaneAdmin),
    },
  });
  undo.push(() => reader.stop());
  const steps = readSteps(withOwnPlaces({ ports, scratch }));
  const follow = title => reader.follow(title, steps.get(title) ?? []);
  const portalUrl = `http://localhost:${ports.portal}`;
  const backendUrl = `http://localhost:${ports.backend}`;
  const dataPlaneUrl = `http://localhost:${ports.dataPlane}`;

  await follow('Install the packages');
  await follow('Add the backend plugins');
  await follow('Choose who may do what');
  await follow('Configure it');
  await follow('Start it');
  await step('Waiting for the portal', async () => {
    await untilAnswers(`${backendUrl}/.backstage/health/v1/readiness`);
    await untilAnswers(portalUrl);
  });
  await follow('Start a data plane');
  await untilAnswers(`${dataPlaneUrl}/v2/health/ready`);
  invariants.check('a data plane runs from its tarball', true);

  const visitor = await Visitor.start({ program, url: portalUrl });
  undo.push(() => visitor.stop());
  await visitor.signIn();
  const sees = async (what, address, text) => {
    const picture = path.join(scratch, `${what.replaceAll(' ', '-')}.png`);
    const error = await visitor.see(address, text).catch(reason => reason);
    await visitor.picture(picture);
    invariants.check(`the page of ${what} works`, !error, error?.message ?? '');
  };
  await sees('an empty registry', '/ai-registry', 'Register your first model');

  const model = path.join(root, 'examples/diabetes/models/v1.onnx');
  copyFileSync(model, path.join(app, 'model.onnx'));
  await follow('Register a version, and ask for its promotion');
  const trouble = path.join(scratch, 'trouble.png');
  await step('Approving as a second person', () =>
    visitor.withPicture(trouble, () => visitor.approve()),
  );
  const key = await step('Issuing a key', () =>
    visitor.withPicture(trouble, () => visitor.issueKey()),
  );
  reader.export('GREENROOM_KEY', key);
  await untilAnswers(`${dataPlaneUrl}/v2/models/diabetes/ready`, key);
  await follow('Call the model');
  invariants.check('a model was promoted by two and called', true);

  await sees('models', '/ai-registry/models', 'diabetes');
  await sees('a version', '/ai-registry/models/diabetes/versions/1', 'Promote');
  await sees('promotions', '/ai-registry/promotions', 'No promotion is open');
  await sees('deployments', '/ai-inference/deployments', 'diabetes');
  await sees('the playground', '/ai-inference/playground/diabetes', 'Ask');
  await sees('monitoring', '/ai-monitoring', 'diabetes');
  await sees('a dashboard', '/ai-monitoring/models/diabetes', 'Requests');
  await sees(
    'the catalog entity',
    '/catalog/default/resource/diabetes',
    'Try it',
  );
  invariants.check(
    'the browser had nothing to complain about',
    visitor.complaints.length === 0,
    visitor.complaints.join('; '),
  );
  const total = [...steps.values()].flat().length;
  invariants.check(
    'all steps of the page were followed',
    reader.followed === total,
    `${reader.followed} of ${total}`,
  );
}

/** What a reader has before the page begins: Yarn, and the packages at a registry. */
function commandEnvironment({ scratch, registry }) {
  const npmrc = path.join(scratch, 'npmrc');
  writeFileSync(npmrc, `@greenroom:registry=${registry.url}/\n`);
  return {
    ...process.env,
    PATH: `${makeYarn(scratch)}${path.delimiter}${process.env.PATH}`,
    NPM_CONFIG_GLOBALCONFIG: npmrc,
    YARN_ENABLE_TELEMETRY: '0',
    // A fresh lock file is allowed to change, in CI too.
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    // Publish dates in a registry mirror are not the real ones.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    // Yarn 4.13 on Node 24 ends with an error of its HTTP client where it asks something again.
    YARN_HTTP_RETRY: '0',
  };
}

function makeYarn(scratch) {
  const folder = mkdtempSync(path.join(scratch, 'bin-'));
  const yarn = path.join(root, '.yarn/releases/yarn-4.13.0.cjs');
  const program = path.join(folder, 'yarn');
  writeFileSync(program, `#!/bin/sh\nexec node '${yarn}' "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

/** Ports of this machine that are free, and where the packages are: nothing that a reader had to know. */
function haveOwnPlaces({ app, ports, registry }) {
  const portalUrl = `http://localhost:${ports.portal}`;
  writeFileSync(
    path.join(app, 'app-config.local.yaml'),
    stringify({
      app: { baseUrl: portalUrl },
      backend: {
        baseUrl: `http://localhost:${ports.backend}`,
        listen: { port: ports.backend },
        cors: { origin: portalUrl },
      },
    }),
  );
  const file = path.join(app, '.yarnrc.yml');
  const settings = parse(readFileSync(file, 'utf8'));
  settings.unsafeHttpWhitelist = ['127.0.0.1'];
  settings.npmScopes = { greenroom: { npmRegistryServer: registry.url } };
  writeFileSync(file, stringify(settings));
  rmSync(path.join(app, '../data-plane'), { recursive: true, force: true });
}

function withOwnPlaces({ ports, scratch }) {
  return readFileSync(PAGE, 'utf8')
    .replaceAll('localhost:3000', `localhost:${ports.portal}`)
    .replaceAll('localhost:7007', `localhost:${ports.backend}`)
    .replaceAll('localhost:7080', `localhost:${ports.dataPlane}`)
    .replaceAll('/var/lib/greenroom', path.join(scratch, 'greenroom'));
}

function postgresVariables(address) {
  const url = new URL(address);
  return {
    POSTGRES_HOST: url.hostname,
    POSTGRES_PORT: url.port,
    POSTGRES_USER: url.username,
    POSTGRES_PASSWORD: decodeURIComponent(url.password),
  };
}

/** @param {string} [key] - of a caller */
function untilAnswers(url, key) {
  const headers = key ? { authorization: `Bearer ${key}` } : undefined;
  return waitFor(
    `an answer of ${url}`,
    async () => {
      const signal = AbortSignal.timeout(10_000);
      const response = await fetch(url, { headers, signal });
      await response.body?.cancel();
      return response.ok || undefined;
    },
    { seconds: START_SECONDS },
  );
}

console.log(bold('\nGreenroom in a foreign Backstage'));
main().catch(fail);
