import type { BundleFile } from '@greenroom/bundle-file';
import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { ModelRunner } from '../../domain/ModelRunner';
import { EmbeddingModel } from './EmbeddingModel';
import {
  LANGUAGE_FILE,
  parseLanguageFile,
  TOKENIZER_FILE,
} from './languageFile';
import { TextTokenizer } from './TextTokenizer';

/**
 * What a version does with texts, where the files beside its model say that it does.
 *
 * @throws Error that says what is wrong with them
 */
export async function loadEmbeddingModel(options: {
  /** Of the model, as callers know it. */
  name: string;
  runner: ModelRunner;
  /** Absolute path of the model's file. */
  file: string;
  /** Path of the model in its bundle, and all files of that. */
  modelPath: string;
  files: readonly BundleFile[];
}): Promise<EmbeddingModel | undefined> {
  const { name, runner, file, modelPath, files } = options;
  // A file on the disk that the bundle does not name is not of the version.
  const isThere = (beside: string) =>
    files.some(
      ({ path }) => path === posix.join(posix.dirname(modelPath), beside),
    );
  if (!isThere(LANGUAGE_FILE)) return undefined;
  if (!isThere(TOKENIZER_FILE)) {
    throw new Error(
      `the bundle has ${LANGUAGE_FILE} and no ${TOKENIZER_FILE} beside its model: add it`,
    );
  }
  const read = (beside: string) =>
    readFile(join(dirname(file), beside), 'utf8');
  return EmbeddingModel.create({
    name,
    runner,
    description: parseLanguageFile(await read(LANGUAGE_FILE)),
    tokenizer: new TextTokenizer(await read(TOKENIZER_FILE)),
  });
}
