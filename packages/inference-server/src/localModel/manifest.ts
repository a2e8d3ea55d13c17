import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { z } from 'zod';

/** Name of the file that says what lies in a folder of local models. */
export const MANIFEST_FILE = 'local-models.json';

/** Below the folder: what else lies on the disk is never run or loaded. */
const pathInside = z
  .string()
  .min(1)
  .refine(
    path => !isAbsolute(path) && !normalize(path).startsWith('..'),
    'expected a path below the folder',
  );

const manifestSchema = z.object({
  formatVersion: z.literal(1),
  /** Main module of node-llama-cpp. */
  runtime: pathInside,
  models: z
    .array(z.object({ name: z.string().min(1), weights: pathInside }))
    .min(1),
});

/** Where a model and what runs it lie, by absolute paths. */
export interface InstalledModel {
  name: string;
  runtimeFile: string;
  weightsFile: string;
}

/**
 * Finds a model in a folder that `npm run llm:local` has filled.
 *
 * @param directory - undefined where the data plane has none
 * @param name - of the model; undefined for the first one
 * @throws Error that says what to do
 */
export async function findInstalledModel(
  directory: string | undefined,
  name: string | undefined,
): Promise<InstalledModel> {
  if (directory === undefined) throw notInstalled();
  const manifest = await readManifest(directory);
  const model = manifest.models.find(
    one => name === undefined || one.name === name,
  );
  if (model === undefined) {
    throw new Error(
      `no local model "${name}" is installed: expected one of ${manifest.models
        .map(one => one.name)
        .join(', ')}`,
    );
  }
  return {
    name: model.name,
    runtimeFile: join(directory, manifest.runtime),
    weightsFile: join(directory, model.weights),
  };
}

async function readManifest(
  directory: string,
): Promise<z.infer<typeof manifestSchema>> {
  try {
    const text = await readFile(join(directory, MANIFEST_FILE), 'utf8');
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw notInstalled(error);
  }
}

function notInstalled(cause?: unknown): Error {
  return new Error(
    'no local model is installed: `npm run llm:local` installs one, and GREENROOM_LOCAL_MODELS_DIR says where it lies',
    { cause },
  );
}
