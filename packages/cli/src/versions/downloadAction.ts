import { DIGEST_PATTERN } from '@greenroom/plugin-ai-registry-common';
import path from 'node:path';
import type { Action } from '../actions/Action';
import { failure, usageError } from '../CommandError';
import { checkFiles } from '../download/checkFiles';
import { fetchFiles, PAUSE_MILLIS, STALL_MILLIS } from '../download/fetchFiles';
import { warnOfOthers } from '../download/warnOfOthers';
import { setOutputs } from '../github/workflow';
import { MODEL_WORD } from '../models/modelsCommand';
import { showDone } from '../output/show';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';

export const downloadAction: Action = {
  name: 'download',
  summary:
    'brings the files of a version into a folder, and checks each digest',
  more: `The list of files has to have the digest of the version, and each file its own. A file has another name until it is whole and right; one that is there with the right digest is not fetched again. ${VERSION_HELP} In GitHub Actions the outputs version, digest and folder are set for later steps.`,
  words: [MODEL_WORD, VERSION_WORD],
  options: {
    to: {
      type: 'string',
      value: 'FOLDER',
      help: 'where they go; MODEL-NUMBER, such as iris-3, when left out',
    },
    digest: {
      type: 'string',
      value: 'DIGEST',
      help: 'what the version has to have (sha256:…); another one is not fetched',
    },
  },
  async run(job) {
    const { called, words, portal, context, signal } = job;
    const [model, text] = job.args;
    const expected = words.text('digest');
    if (expected !== undefined && !DIGEST_PATTERN.test(expected)) {
      throw usageError(
        `${called}: --digest is '${expected}': expected sha256: and 64 hexadecimal digits`,
      );
    }
    const number = await resolveVersion(job, model, text);
    const [version, { items }] = await Promise.all([
      portal.registry.getVersion(model, number, { signal }),
      portal.registry.listVersionFiles(model, number, { signal }),
    ]);
    checkFiles(version, items, expected);
    const { digest } = version;
    const folder = path.resolve(
      context.directory ?? process.cwd(),
      words.text('to') ?? folderOf(version.model, number),
    );
    const files = await fetchFiles(
      items.map(file => ({
        ...file,
        open: until =>
          portal.files.registry.downloadArtifact(file.digest, {
            signal: until,
          }),
      })),
      {
        folder,
        signal,
        pauseMillis: context.pollMillis ?? PAUSE_MILLIS,
        stallMillis: STALL_MILLIS,
        say: line => context.complain(line),
      },
    );
    await warnOfOthers(folder, files, line => context.complain(line));
    showDone(
      job,
      { model: version.model, version: number, digest, folder, files },
      `${version.model} version ${number} is in ${folder}, ${digest}`,
    );
    await setOutputs(context.environment, { version: number, digest, folder });
  },
};

/** In the folder where the command was called, whatever the portal says that the model is called. */
function folderOf(model: string, version: number): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(model)) {
    throw failure(
      `the portal calls the model ${JSON.stringify(
        model,
      )}, which is no name of a folder: name one by --to`,
    );
  }
  return `${model}-${version}`;
}
