import {
  ManifestError,
  MAX_MANIFEST_BYTES,
  parseTrainingTemplate,
  TEMPLATE_PATH,
} from '@greenroom/manifest';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Action } from '../actions/Action';
import { EXIT_CODES, failure, notFound } from '../CommandError';
import { annotation, isWorkflow } from '../github/workflow';

export const validateAction: Action = {
  name: 'validate',
  summary:
    'holds a training template against its format, with the reader of the portal',
  more: `${TEMPLATE_PATH} when no FILE is named. It asks no portal. In GitHub Actions each fault is an annotation.`,
  words: [{ name: 'FILE', expected: 'a file', isOptional: true }],
  async run({ args, context, isJson }) {
    const [file = TEMPLATE_PATH] = args;
    const text = await read(
      path.resolve(context.directory ?? process.cwd(), file),
    );
    const { template, faults } = check(text, file);
    const say = isJson ? context.complain : context.print;
    for (const { line, message } of faults) {
      say(
        isWorkflow(context.environment)
          ? annotation('error', { file, line, message })
          : `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
      );
    }
    if (isJson) {
      context.print(
        JSON.stringify({
          file,
          template,
          faults: faults.map(({ line, message }) => ({ line, message })),
        }),
      );
    } else if (faults.length === 0) {
      context.print(`${file}: nothing is wrong with template ${template}`);
    }
    return faults.length > 0 ? EXIT_CODES.failed : 0;
  },
};

function check(text: string, file: string) {
  try {
    const { name } = parseTrainingTemplate(text, file);
    return { template: name, faults: [] };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { template: undefined, faults: error.faults };
  }
}

async function read(place: string): Promise<string> {
  try {
    const { size } = await stat(place);
    if (size > MAX_MANIFEST_BYTES) {
      throw failure(
        `${place} has ${size} bytes: expected at most ${MAX_MANIFEST_BYTES}`,
      );
    }
    return await readFile(place, 'utf8');
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error;
    throw notFound(
      `there is no file ${place}: name a training template, such as ${TEMPLATE_PATH}`,
    );
  }
}
