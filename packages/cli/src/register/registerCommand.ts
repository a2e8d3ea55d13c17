import {
  DESCRIPTION_FILE,
  type ModelTask,
  type ModelVersion,
  type SigningBundle,
  type VersionFacts,
  type VersionSource,
} from '@greenroom/plugin-ai-registry-common';
import { openAsBlob } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Command,
  type CommandContext,
  expectWords,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  type Words,
} from '../Command';
import { failure, notFound, usageError } from '../CommandError';
import { addSummary, setOutputs } from '../github/workflow';
import { asFailure, Portal, statusOf } from '../portal/Portal';
import { type ModelFiles, readModelFiles } from './readModelFiles';

const PAGE = 100;

/** Makes a version of a model's files. */
export const registerCommand: Command = {
  name: 'register',
  summary: 'makes a version of the files of a model',
  help: `greenroom register MODEL FILE|FOLDER [--details FILE] [--owner REF --task TASK]

Uploads an ONNX file, or a folder with all files of a bundle, and makes the next
version of a model of it. Called again with the same files it changes nothing,
and says which version they are.

  --details FILE      JSON with what else is known of the version: description,
                      schema, evaluation, reference, tags, source; a file
                      greenroom.json in the folder where it is not given
  --signature FILE    of the files, as model_signing writes it (model.sig); the
                      version gets it, also one that is there already
  --owner REF         with --task: registers the model first, where it is not
                      registered yet, for this group or user of the catalog
  --task TASK         such as classification or regression
  --title TEXT        of a model that is registered
${PORTAL_HELP}

In GitHub Actions the version says which commit and run made it, unless the
details do, and the outputs version, digest and url are set for later steps.`,
  options: {
    ...PORTAL_OPTIONS,
    details: { type: 'string' },
    signature: { type: 'string' },
    owner: { type: 'string' },
    task: { type: 'string' },
    title: { type: 'string' },
  },
  async run(words, context) {
    const [model, place] = expectWords('register', words, [
      'the name of a model',
      'its file or folder',
    ]);
    const cwd = context.directory ?? process.cwd();
    const say = words.flag('json') ? context.complain : context.print;
    const details = await findDetails(words, path.resolve(cwd, place), cwd);
    const facts: VersionFacts = details
      ? await readJsonObject(details, cwd)
      : {};
    const signature = await readSignature(words, cwd);
    const portal = Portal.of(words, context);
    const files = await readModelFiles(path.resolve(cwd, place), {
      // They may lie among the files that they are about.
      leaveOut: [signature?.place, details && path.resolve(cwd, details)],
    });
    try {
      await ensureModel({ model, words, portal, say });
      const known = await findVersion(portal, model, files.digest);
      const version =
        known ??
        (await createVersion({ model, files, facts, portal, context, say }));
      if (signature) {
        await portal.registry.signVersion(
          model,
          version.version,
          signature.bundle,
        );
        say(`signed version ${version.version}`);
      }
      await report({ version, isNew: !known, portal, words, context });
    } catch (error) {
      throw asFailure(error);
    }
  },
};

/** The file that says what else is known of the version: the named one, or the one beside the model. */
async function findDetails(
  words: Words,
  place: string,
  cwd: string,
): Promise<string | undefined> {
  const named = words.text('details');
  if (named !== undefined) return named;
  const beside = path.join(place, DESCRIPTION_FILE);
  const found = await lstat(beside).catch(() => undefined);
  return found?.isFile() ? path.relative(cwd, beside) : undefined;
}

async function readSignature(
  words: Words,
  cwd: string,
): Promise<{ place: string; bundle: SigningBundle } | undefined> {
  const name = words.text('signature');
  if (name === undefined) return undefined;
  // The registry says what is wrong with it.
  const bundle = (await readJsonObject(name, cwd)) as SigningBundle;
  return { place: path.resolve(cwd, name), bundle };
}

async function readJsonObject(name: string, cwd: string): Promise<object> {
  const text = await readFile(path.resolve(cwd, name), 'utf8').catch(() => {
    throw failure(`${name}: there is no such file`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value;
    }
  } catch (error) {
    throw failure(`${name}: not valid JSON: ${(error as Error).message}`);
  }
  throw failure(`${name}: expected one JSON object`);
}

async function ensureModel(options: {
  model: string;
  words: Words;
  portal: Portal;
  say(text: string): void;
}): Promise<void> {
  const { model, words, portal, say } = options;
  const owner = words.text('owner');
  const task = words.text('task');
  if ((owner === undefined) !== (task === undefined)) {
    throw usageError('register: --owner and --task belong together');
  }
  try {
    await portal.registry.getModel(model);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    if (owner === undefined || task === undefined) {
      throw notFound(
        `there is no model '${model}': register it in the portal, or give --owner and --task`,
      );
    }
    const title = words.text('title');
    // The registry says which tasks there are.
    await portal.registry.createModel({
      name: model,
      owner,
      task: task as ModelTask,
      ...(title !== undefined && { title }),
    });
    say(`registered ${model}`);
  }
}

/** The version with these files, if there is one. */
async function findVersion(
  portal: Portal,
  model: string,
  digest: string,
): Promise<ModelVersion | undefined> {
  let cursor: string | undefined;
  do {
    const page = await portal.registry.listVersions(model, {
      limit: PAGE,
      cursor,
    });
    const found = page.items.find(version => version.digest === digest);
    if (found) return found;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return undefined;
}

async function createVersion(options: {
  model: string;
  files: ModelFiles;
  facts: VersionFacts;
  portal: Portal;
  context: CommandContext;
  say(text: string): void;
}): Promise<ModelVersion> {
  const { model, files, facts, portal, context, say } = options;
  for (const { place, digest, sizeBytes } of files.files) {
    say(`uploading ${path.basename(place)}, ${sizeBytes} bytes`);
    const stored = await portal.registry.uploadArtifact(
      await openAsBlob(place),
    );
    if (stored.digest !== digest) {
      throw failure(`${place} was changed while it was uploaded: try again`);
    }
  }
  const source = { ...sourceOf(context.environment), ...facts.source };
  return portal.registry.createVersion(model, {
    ...facts,
    ...(Object.keys(source).length > 0 && { source }),
    ...files.content,
  });
}

/** Where the version comes from, as a workflow knows it. */
function sourceOf(environment: CommandContext['environment']): VersionSource {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_RUN_ID } =
    environment;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY) return {};
  return {
    repository: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`,
    ...(GITHUB_SHA && { commit: GITHUB_SHA }),
    ...(GITHUB_RUN_ID && { run: GITHUB_RUN_ID }),
  };
}

async function report(options: {
  version: ModelVersion;
  isNew: boolean;
  portal: Portal;
  words: Words;
  context: CommandContext;
}): Promise<void> {
  const { version, isNew, portal, words, context } = options;
  const { model, digest } = version;
  const url = `${portal.url}/ai-registry/models/${model}/versions/${version.version}`;
  context.print(
    words.flag('json')
      ? JSON.stringify({ model, version: version.version, digest, isNew, url })
      : `${model} ${isNew ? 'has the new' : 'has it already:'} version ${
          version.version
        }, ${digest}\n${url}`,
  );
  await setOutputs(context.environment, {
    version: version.version,
    digest,
    url,
  });
  await addSummary(
    context.environment,
    `[${model} version ${version.version}](${url}), \`${digest}\``,
  );
}
