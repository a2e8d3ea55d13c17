import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  /** Whether the version has a file of the name in the folder of the model. */
  has(name: string): boolean;
}): Promise<EmbeddingModel | undefined> {
  const { name, runner, file, has } = options;
  if (!has(LANGUAGE_FILE)) return undefined;
  if (!has(TOKENIZER_FILE)) {
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
