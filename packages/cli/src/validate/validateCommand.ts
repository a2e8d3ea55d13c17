import {
  findVersionFaults,
  lineOfField,
  type Manifest,
  ManifestError,
  type ManifestFault,
  type ManifestFile,
  readManifestFile,
  variantsOf,
} from '@greenroom/manifest';
import path from 'node:path';
import {
  type Command,
  type CommandContext,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  type Words,
} from '../Command';
import { EXIT_CODES, usageError } from '../CommandError';
import { annotation, isWorkflow } from '../github/workflow';
import { asFailure, Portal, statusOf } from '../portal/Portal';
import { readManifestFiles } from './readManifestFiles';

interface Fault extends ManifestFault {
  path: string;
}

interface Checked {
  file: ManifestFile;
  manifest?: Manifest;
  faults: ManifestFault[];
}

/** Holds manifests against their format and the registry, as the portal does after a merge. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'holds all manifests against their format and the registry',
  help: `greenroom validate [FOLDER] [--environments NAMES] [--offline]

Reads every manifest below environments/ in a folder (this one when none is
named), with the very same reader as the portal, and names each fault with its
file and line. Where the portal's address and a token are there, it also looks
whether the environments, versions and digests are those of the registry.

  --environments NAMES  those that there are, such as dev,staging; those of the
                        portal, or any, when left out
  --offline             does not ask the portal
${PORTAL_HELP}

In GitHub Actions each fault is an annotation. Exit code 0: nothing is wrong.
1: something is.`,
  options: {
    ...PORTAL_OPTIONS,
    environments: { type: 'string' },
    offline: { type: 'boolean' },
  },
  async run(words, context) {
    if (words.positionals.length > 1) {
      throw usageError('validate: too many words');
    }
    const cwd = context.directory ?? process.cwd();
    const folder = path.resolve(cwd, words.positionals[0] ?? '.');
    const portal = words.flag('offline')
      ? undefined
      : Portal.find(words, context);
    const files = await readManifestFiles(folder);
    try {
      const environments = await environmentsOf(words, portal);
      const checked = files.map(file => check(file, environments));
      if (portal) await checkVersions(checked, portal);
      const faults = checked.flatMap(({ file, faults: those }) =>
        those.map((fault): Fault => ({ ...fault, path: file.path })),
      );
      const prefix = path.relative(cwd, folder);
      report({ faults, count: files.length, prefix, portal, words, context });
      return faults.length > 0 ? EXIT_CODES.failed : 0;
    } catch (error) {
      throw asFailure(error);
    }
  },
};

async function environmentsOf(
  words: Words,
  portal: Portal | undefined,
): Promise<string[] | undefined> {
  const named = words.text('environments');
  if (named !== undefined) return named.split(',').map(name => name.trim());
  const known = await portal?.registry.listEnvironments();
  return known?.items.map(({ name }) => name);
}

function check(file: ManifestFile, environments?: string[]): Checked {
  try {
    return { file, manifest: readManifestFile(file, environments), faults: [] };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { file, faults: [...error.faults] };
  }
}

/** Adds what is wrong with the versions that manifests ask for. */
async function checkVersions(
  checked: Checked[],
  portal: Portal,
): Promise<void> {
  const digests = new Map<string, string>();
  const asked = new Set<string>();
  for (const one of checked) {
    if (!one.manifest) continue;
    for (const { model, version } of variantsOf(one.manifest)) {
      const key = `${model}/${version}`;
      if (asked.has(key)) continue;
      asked.add(key);
      const digest = await findDigest(portal, model, version);
      if (digest !== undefined) digests.set(key, digest);
    }
    const { content = '' } = one.file;
    one.faults.push(
      ...findVersionFaults(one.manifest, digests).map(fault => ({
        ...fault,
        line: lineOfField(content, fault.field ?? []),
      })),
    );
  }
}

async function findDigest(
  portal: Portal,
  model: string,
  version: number,
): Promise<string | undefined> {
  try {
    return (await portal.registry.getVersion(model, version)).digest;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function report(options: {
  faults: Fault[];
  count: number;
  /** Of the folder that was read, seen from where the command was called. */
  prefix: string;
  portal: Portal | undefined;
  words: Words;
  context: CommandContext;
}): void {
  const { faults, count, prefix, portal, words, context } = options;
  const isJson = words.flag('json');
  const say = isJson ? context.complain : context.print;
  const isAnnotated = isWorkflow(context.environment);
  for (const fault of faults) {
    const file = path.join(prefix, fault.path);
    const { line, message } = fault;
    say(
      isAnnotated
        ? annotation('error', { file, line, message })
        : `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
    );
  }
  const manifests = count === 1 ? '1 manifest' : `${count} manifests`;
  const against = portal
    ? `the format and the registry of ${portal.url}`
    : 'the format alone';
  if (isJson) {
    context.print(
      JSON.stringify({
        manifests: count,
        registry: portal?.url,
        faults: faults.map(({ path: file, line, message }) => ({
          path: file,
          line,
          message,
        })),
      }),
    );
  } else {
    context.print(
      `${manifests} held against ${against}: ${
        faults.length === 0
          ? 'nothing is wrong'
          : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`
      }`,
    );
  }
}
