import path from 'node:path';
import type { Action } from '../actions/Action';
import { notFound, usageError } from '../CommandError';
import { fetchFiles, PAUSE_MILLIS, STALL_MILLIS } from '../download/fetchFiles';
import { isInside } from '../download/isInside';
import { showDone, showList } from '../output/show';
import { sizeText } from '../output/words';
import { listRunFiles } from './listRunFiles';
import { RUN_WORD } from './showAction';

const PATH_WORD = {
  name: 'PATH',
  expected: 'a file or folder of the run',
  isOptional: true,
};

export const filesAction: Action = {
  name: 'files',
  summary: 'lists the files of a run, or of one of its folders',
  words: [RUN_WORD, PATH_WORD],
  async run(job) {
    const { portal, called, signal } = job;
    const [run, text = ''] = job.args;
    const within = checkPath(called, text);
    const items = await listRunFiles(portal.training, { run, within, signal });
    showList(job, { items, more: false }, [
      { title: 'PATH', of: file => file.path },
      {
        title: 'SIZE',
        of: ({ bytes = 0 }) => sizeText(bytes),
        plain: ({ bytes = 0 }) => bytes,
        isNumber: true,
      },
    ]);
  },
};

export const downloadAction: Action = {
  name: 'download',
  summary: 'brings files of a run into a folder, and checks each digest',
  more: 'All of them, or those below PATH, with the folders that they have in the run. A file has another name until it is whole and right; one that is there with the right digest is not fetched again.',
  words: [RUN_WORD, PATH_WORD],
  options: {
    to: {
      type: 'string',
      value: 'FOLDER',
      help: 'where they go; called like the run when left out',
    },
  },
  async run(job) {
    const { portal, called, words, context, signal } = job;
    const [run, text = ''] = job.args;
    const within = checkPath(called, text);
    const found = await listRunFiles(portal.training, { run, within, signal });
    if (found.length === 0) {
      throw notFound(
        `run ${run} has no file${within === '' ? '' : ` at '${within}'`}`,
      );
    }
    const folder = path.resolve(
      context.directory ?? process.cwd(),
      words.text('to') ?? run,
    );
    const files = await fetchFiles(
      found.map(file => ({
        path: file.path,
        sizeBytes: file.bytes ?? 0,
        open: until =>
          portal.files.training.readRunArtifact(
            { run, path: file.path },
            { signal: until },
          ),
      })),
      {
        folder,
        signal,
        pauseMillis: context.pollMillis ?? PAUSE_MILLIS,
        stallMillis: STALL_MILLIS,
        say: line => context.complain(line),
      },
    );
    showDone(
      job,
      { run, folder, files },
      `${files.length} ${
        files.length === 1 ? 'file' : 'files'
      } of run ${run} in ${folder}`,
    );
  },
};

function checkPath(called: string, text: string): string {
  const within = text.replace(/\/+$/, '');
  if (within === '' || isInside(within)) return within;
  throw usageError(
    `${called}: PATH is '${text}': expected one below the run's files, such as plots/roc.png`,
  );
}
