// @ts-check
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { waitFor } from '../../demo/ControlPlane.mjs';
import { step } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';
import { findFreePort } from '../../lib/ports.mjs';
import { startPostgres } from '../../lib/postgres.mjs';
import { run } from '../../lib/run.mjs';
import { yarnPath } from '../../lib/toolchain.mjs';
import { freshApp } from './freshApp.mjs';
import { OLD_SYSTEM_SECTION, PAGE, readSteps } from './page.mjs';
import { Reader } from './Reader.mjs';
import { Visitor } from './Visitor.mjs';

const START_SECONDS = 420;

/**
 * The story of one reader: adds Greenroom to a fresh app as the page says, and sees whether it works.
 *
 * @param {object} options
 * @param {import('./freshApp.mjs').FrontendSystem} options.system - that the app is made of
 * @param {string} options.program - of Chromium
 * @param {import('../lib/Invariants.mjs').Invariants} options.invariants
 * @param {import('./PackedRegistry.mjs').PackedRegistry} options.registry
 * @param {NodeJS.ProcessEnv} options.env - of the reader's commands
 * @param {string} options.scratch - folder for logs and pictures, made here
 * @param {(() => unknown)[]} options.undo - gets what ends everything that was started
 */
export async function play(options) {
  const { system, invariants, undo, scratch } = options;
  const { app, ports, database } = await prepare(options);
  const reader = new Reader({
    app,
    logs: path.join(scratch, 'logs'),
    env: {
      ...options.env,
      ...postgresVariables(database.url),
      GREENROOM_PORT: String(ports.dataPlane),
      GREENROOM_ADMIN_PORT: String(ports.dataPlaneAdmin),
    },
  });
  undo.push(() => reader.stop());
  const steps = readSteps(withOwnPlaces({ ports, scratch }));
  const follow = title => reader.follow(title, steps.get(title) ?? []);
  const portalUrl = `http://localhost:${ports.portal}`;
  const dataPlaneUrl = `http://localhost:${ports.dataPlane}`;
  const untilPortalRuns = () =>
    step('Waiting for the portal', async () => {
      await untilAnswers(
        `http://localhost:${ports.backend}/.backstage/health/v1/readiness`,
      );
      await untilAnswers(portalUrl);
    });

  await follow('Install the packages');
  await follow('Add the backend plugins');
  await follow('Choose who may do what');
  await follow('Configure it');
  if (system === 'old') await follow(OLD_SYSTEM_SECTION);
  const types = await checkTypes(app, options.env);
  invariants.check("the app's own type check passes", !types, types);
  await follow('Start it');
  await untilPortalRuns();
  await follow('Start a data plane');
  await untilAnswers(`${dataPlaneUrl}/v2/health/ready`);
  invariants.check('a data plane runs from its tarball', true);

  const visitor = await Visitor.start({
    program: options.program,
    url: portalUrl,
  });
  undo.push(() => visitor.stop());
  await visitor.signIn();
  const sees = async (what, address, text, press) => {
    const picture = path.join(scratch, `${what.replaceAll(' ', '-')}.png`);
    const error = await visitor
      .see(address, text, press)
      .catch(reason => reason);
    await visitor.picture(picture);
    invariants.check(`the page of ${what} works`, !error, error?.message ?? '');
  };
  await sees(
    'an empty registry',
    '/ai-registry/models',
    'Register your first model',
  );

  copyFileSync(MODEL, path.join(app, 'model.onnx'));
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
  await sees('a model', '/ai-registry/models/diabetes', 'Versions');
  await sees('a version', '/ai-registry/models/diabetes/versions/1', 'Promote');
  await sees('promotions', '/ai-registry/promotions', 'No promotion is open');
  await sees('deployments', '/ai-inference/deployments', 'diabetes');
  await sees('the playground', '/ai-inference/playground/diabetes', 'Ask');
  await sees('monitoring', '/ai-monitoring', 'diabetes');
  await sees('a dashboard', '/ai-monitoring/models/diabetes', 'Requests');
  await sees('the audit log', '/ai-registry/audit', 'Key issued');
  await sees('service tokens', '/settings/service-tokens', 'ci-of-diabetes');
  // Such an app begins with a type of results of its own, whatever the address says.
  const chosen = system === 'old' ? 'Models' : undefined;
  await sees('the search', SEARCH, 'diabetes', chosen);
  await sees('the catalog entity', ENTITY, 'Serving');
  invariants.check(
    'the card in the catalog leads to the playground',
    (await visitor.addressOf('Try it')) === '/ai-inference/playground/diabetes',
    (await visitor.addressOf('Try it')) ?? 'no link',
  );

  const total = [...steps]
    .filter(([title]) => system === 'old' || title !== OLD_SYSTEM_SECTION)
    .flatMap(([, ofSection]) => ofSection).length;
  invariants.check(
    'all steps of the page were followed',
    reader.followed === total,
    `${reader.followed} of ${total}`,
  );
  if (system === 'new') {
    await visitor.lookAway();
    await reader.stop();
    reader.configure('app-config.yaml', MOVED);
    await follow('Start it');
    await untilPortalRuns();
    await sees('models at another place', '/our-ai/models', 'diabetes');
    await visitor.see(ENTITY, 'Model registry');
    const link = await visitor.addressOf('Model registry');
    invariants.check(
      'the link in the catalog has followed the page',
      link?.endsWith('/our-ai/models/diabetes') ?? false,
      link ?? 'no link',
    );
  }
  invariants.check(
    'the browser had nothing to complain about',
    visitor.complaints.length === 0,
    visitor.complaints.join('; '),
  );
}

const MODEL = path.join(root, 'examples/diabetes/models/v1.onnx');
const SEARCH = '/search?query=diabetes&types[]=ai-model';
const ENTITY = '/catalog/default/resource/diabetes';

/** What the page says of a page that was moved. */
const MOVED = {
  app: {
    extensions: [{ 'page:ai-registry': { config: { path: '/our-ai' } } }],
  },
};

/** What the reader has before the page begins: an app, and a database server. */
async function prepare({ system, env, registry, scratch, undo }) {
  mkdirSync(scratch);
  // The database server may run as another user.
  chmodSync(scratch, 0o755);
  const app = await freshApp({ system, env });
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
  return { app, ports, database };
}

/** @returns {Promise<string>} what is wrong; empty where nothing is */
async function checkTypes(app, env) {
  try {
    await step('Checking the types of the app', () =>
      run(process.execPath, [yarnPath, 'tsc', '--incremental', 'false'], {
        cwd: app,
        env,
        log: 'foreign-types',
      }),
    );
    return '';
  } catch (error) {
    return error.message;
  }
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
      // Nobody waits ten minutes for the search.
      search: {
        collators: {
          aiRegistry: {
            schedule: { frequency: { seconds: 10 }, timeout: { minutes: 1 } },
          },
        },
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
