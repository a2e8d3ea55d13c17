import { AwayError, RefusedError } from './Endpoint';
import { attempt, compare, type Import, ORIGIN_TAG } from './Import';
import { proxyPathOf } from './importFiles';
import {
  type Pair,
  type RegisteredModelMessage,
  toPairs,
  toRecord,
  type VersionMessage,
} from './messages';

const PROMPT_TAG = 'mlflow.prompt.is_prompt';
/** A version may be a copy of one that is a copy. */
const MOST_COPIES = 10;

/** Numbers of a model's versions there, and here. */
type Numbers = Map<string, string>;

/** Brings registered models over, with their versions, whose files have to be here, and aliases. */
export async function importRegistry(job: Import): Promise<void> {
  for await (const model of job.source.registeredModels()) {
    const what = `registered model '${model.name}'`;
    await attempt(job, { kind: 'registered models', what }, () =>
      importModel(job, model, what),
    );
  }
}

async function importModel(
  job: Import,
  theirs: RegisteredModelMessage,
  what: string,
): Promise<void> {
  const { portal, report, isDryRun } = job;
  const tags = toRecord(theirs.tags);
  if (tags[PROMPT_TAG]?.toLowerCase() === 'true') {
    report.fail('registered models', {
      what,
      why: 'it is a prompt, and Greenroom keeps no prompts of MLflow: a prompt is part of a version that a provider runs, in its descriptor',
    });
    return;
  }
  const query = { name: theirs.name };
  const found = await portal.find<{ registered_model: RegisteredModelMessage }>(
    '/registered-models/get',
    query,
  );
  const here = found?.registered_model;
  if (!isDryRun && !here) {
    await portal.post(
      '/registered-models/create',
      {
        name: theirs.name,
        description: theirs.description ?? '',
        tags: toPairs(tags),
      },
      { canRepeat: false },
    );
  }
  if (!isDryRun && here) await completeModel(job, { theirs, here, what });
  report.add('registered models', here ? 'there' : 'came');
  const numbers = await importVersions(job, theirs, here !== undefined);
  // Lists of models do not have them everywhere.
  const { registered_model } = await job.source.get<{
    registered_model: RegisteredModelMessage;
  }>('/registered-models/get', query);
  await importAliases(job, {
    theirs: registered_model,
    known: here?.aliases ?? [],
    numbers,
  });
}

async function completeModel(
  { portal, report }: Import,
  options: {
    theirs: RegisteredModelMessage;
    here: RegisteredModelMessage;
    what: string;
  },
): Promise<void> {
  const { theirs, here, what } = options;
  const { name, description = '' } = theirs;
  const { missing, different } = compare(
    toRecord(theirs.tags),
    toRecord(here.tags),
  );
  for (const tag of toPairs(missing)) {
    await portal.post('/registered-models/set-tag', { name, ...tag });
  }
  if (description !== '' && !here.description) {
    await portal.patch('/registered-models/update', { name, description });
  } else if (description !== '' && description !== here.description) {
    different.push('the description');
  }
  if (different.length > 0) {
    report.note({
      what,
      why: `other here, which stays: ${different.join(', ')}`,
    });
  }
}

async function importVersions(
  job: Import,
  { name }: RegisteredModelMessage,
  isHere: boolean,
): Promise<Numbers> {
  const origins = isHere
    ? await readOrigins(job, name)
    : new Map<string, string>();
  const numbers: Numbers = new Map();
  for await (const version of job.source.versions(name)) {
    const number = String(version.version);
    const what = `version ${number} of registered model '${name}'`;
    await attempt(job, { kind: 'versions', what }, async () => {
      const known = origins.get(originOf(job, version));
      const here = known ?? (await importVersion(job, version, what));
      job.report.add('versions', known === undefined ? 'came' : 'there');
      if (here === undefined) return;
      numbers.set(number, here);
      if (here !== number) {
        job.report.note({
          what,
          why: `it is version ${here} here: the registry counts without gaps, and a number is given once`,
        });
      }
    });
  }
  return numbers;
}

/** Numbers here by where versions come from. */
async function readOrigins(
  { portal }: Import,
  name: string,
): Promise<Map<string, string>> {
  const origins = new Map<string, string>();
  for await (const version of portal.versions(name)) {
    const origin = toRecord(version.tags)[ORIGIN_TAG];
    if (origin) origins.set(origin, String(version.version));
  }
  return origins;
}

function originOf(
  { source }: Import,
  { name, version }: VersionMessage,
): string {
  return `${source.endpoint.url}/#/models/${encodeURIComponent(
    name,
  )}/versions/${version}`;
}

/** @returns its number here; undefined in a dry run */
async function importVersion(
  job: Import,
  version: VersionMessage,
  what: string,
): Promise<string | undefined> {
  const { portal, isDryRun } = job;
  const { name, description = '', run_id, run_link, status } = version;
  if (status !== undefined && status !== 'READY') {
    throw new RefusedError(
      409,
      `it is ${status} there, and only what is READY is brought over`,
    );
  }
  const source = await sourceHere(job, version);
  if (isDryRun) return undefined;
  const request = {
    name,
    source,
    run_id: run_id || undefined,
    run_link: run_link || undefined,
    description,
    tags: [
      ...(version.tags ?? []),
      { key: ORIGIN_TAG, value: originOf(job, version) },
    ] satisfies Pair[],
  };
  const here = await createVersion(job, request, originOf(job, version));
  const { current_stage = 'None' } = version;
  if (current_stage !== 'None') {
    const placed = await attempt(job, { kind: 'versions', what }, async () => {
      await portal.post('/model-versions/transition-stage', {
        name,
        version: here,
        stage: current_stage,
      });
    });
    if (!placed) job.say(`${what} has no stage here`);
  }
  return here;
}

/** Where the answer is lost, a second one must not be made. */
async function createVersion(
  job: Import,
  request: { name: string },
  origin: string,
): Promise<string> {
  try {
    const { model_version } = await job.portal.post<{
      model_version: VersionMessage;
    }>('/model-versions/create', request, { canRepeat: false });
    return String(model_version.version);
  } catch (error) {
    if (!(error instanceof AwayError)) throw error;
    const made = (await readOrigins(job, request.name)).get(origin);
    if (made !== undefined) return made;
    throw error;
  }
}

/**
 * Where the files of a version are here: runs and logged models have the same ids.
 *
 * @throws RefusedError where they are not there that could come
 */
async function sourceHere(
  job: Import,
  version: VersionMessage,
): Promise<string> {
  let { source = '' } = version;
  for (let copies = 0; copies < MOST_COPIES; copies++) {
    const [, name, number] = /^models:\/+([^/]+)\/(\d+)$/.exec(source) ?? [];
    if (name === undefined) break;
    const { model_version } = await job.source.get<{
      model_version: VersionMessage;
    }>('/model-versions/get', { name, version: number });
    source = model_version.source ?? '';
  }
  const found = parseSource(source, job.source.endpoint.url);
  if (found) return found;
  throw new RefusedError(
    409,
    `its files lie at ${
      source || 'no known place'
    }, which the other server does not hand out itself: log them here with log_model, and register that`,
  );
}

/** What the files are called here; undefined where they could not come. */
export function parseSource(
  source: string,
  server: string,
): string | undefined {
  if (/^(?:models:\/+m-|runs:\/)/.test(source)) return source;
  const path = proxyPathOf(source, server);
  if (path === undefined) return undefined;
  const [, model, below = ''] =
    /^[^/]+\/models\/(m-[^/]+)\/artifacts(\/.*)?$/.exec(path) ?? [];
  if (model !== undefined) return `models:/${model}${below}`;
  const [, run, folder] = /^[^/]+\/([^/]+)\/artifacts\/(.+)$/.exec(path) ?? [];
  return run === undefined ? undefined : `runs:/${run}/${folder}`;
}

async function importAliases(
  job: Import,
  options: {
    theirs: RegisteredModelMessage;
    known: { alias: string; version: number | string }[];
    numbers: Numbers;
  },
): Promise<void> {
  const { theirs, known, numbers } = options;
  const { portal, report, isDryRun } = job;
  for (const { alias, version } of theirs.aliases ?? []) {
    const what = `alias '${alias}' of registered model '${theirs.name}'`;
    await attempt(job, { kind: 'aliases', what }, async () => {
      const here = known.find(one => one.alias === alias);
      if (here) {
        report.add('aliases', 'there');
        if (String(here.version) !== numbers.get(String(version))) {
          report.note({
            what,
            why: `it is on version ${here.version} here, which stays, and on ${version} there`,
          });
        }
        return;
      }
      const number = numbers.get(String(version));
      if (number === undefined && !isDryRun) {
        throw new RefusedError(409, `its version ${version} did not come`);
      }
      if (!isDryRun) {
        await portal.post('/registered-models/alias', {
          name: theirs.name,
          alias,
          version: number,
        });
      }
      report.add('aliases', 'came');
    });
  }
}
