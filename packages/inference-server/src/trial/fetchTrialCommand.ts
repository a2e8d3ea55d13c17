import { readFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { errorMessage } from '../errors';
import { ControlPlaneClient } from '../snapshot/ControlPlaneClient';
import { createControlPlaneToken } from '../snapshot/controlPlaneToken';
import { fetchFile } from '../snapshot/fetchFile';
import { patiently } from '../snapshot/patiently';

const EXIT_USAGE = 64;
const EXIT_FAILED = 1;
/** Longest of what a request is unpacked to. */
const MAX_REQUEST_BYTES = 256 * 1024 * 1024;

const pathSchema = z
  .string()
  .refine(
    path => !isAbsolute(path) && !normalize(path).startsWith('..'),
    'expected a path within the folder',
  );

const orderSchema = z.object({
  /** Of the files, the one that is loaded. */
  entry: pathSchema,
  files: z
    .array(
      z.object({
        path: pathSchema,
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        sizeBytes: z.int().min(0),
        /** Path under the control plane's base URL. */
        artifactPath: z.string().startsWith('/'),
      }),
    )
    .min(1),
  /** Of the trial, but for the file. */
  request: z.looseObject({}),
});

interface Surroundings {
  controlPlaneUrl: string;
  tokenFile: string;
}

/**
 * `fetch-trial <order> <folder>`: fetches the files of a version that is to be tried, and writes what
 * `trial` is to be given as `request.json` beside them. It has the token; who loads the model has none.
 *
 * @param operands - path of the order, JSON that is packed with gzip; and an empty folder
 */
export async function fetchTrialCommand(
  operands: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const [orderFile, folder] = operands;
  const controlPlaneUrl = variables.GREENROOM_CONTROL_PLANE_URL;
  const tokenFile = variables.GREENROOM_CONTROL_PLANE_TOKEN_FILE;
  if (operands.length !== 2 || !controlPlaneUrl || !tokenFile) {
    process.stderr.write(
      'usage: fetch-trial <order> <folder>, with GREENROOM_CONTROL_PLANE_URL and GREENROOM_CONTROL_PLANE_TOKEN_FILE\n',
    );
    process.exitCode = EXIT_USAGE;
    return;
  }
  try {
    await fetchTrial(orderFile, folder, { controlPlaneUrl, tokenFile });
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}

async function fetchTrial(
  orderFile: string,
  folder: string,
  { controlPlaneUrl, tokenFile }: Surroundings,
): Promise<void> {
  const { entry, files, request } = await readOrder(orderFile);
  const client = new ControlPlaneClient({
    url: controlPlaneUrl,
    token: createControlPlaneToken({
      controlPlaneToken: undefined,
      controlPlaneTokenFile: tokenFile,
    }),
    // It asks for artifacts alone, which are of no environment.
    environment: '',
  });
  const model = join(folder, 'model');
  for (const { path, digest, sizeBytes, artifactPath } of files) {
    await patiently(() =>
      fetchFile({
        open: () => client.openArtifact(artifactPath),
        file: join(model, path),
        digest,
        maxBytes: sizeBytes,
      }),
    );
  }
  await writeFile(
    join(folder, 'request.json'),
    JSON.stringify({ ...request, file: join(model, entry) }),
  );
}

async function readOrder(file: string): Promise<z.infer<typeof orderSchema>> {
  const text = gunzipSync(await readFile(file), {
    maxOutputLength: MAX_REQUEST_BYTES,
  }).toString('utf8');
  const result = orderSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new Error(`the order is none: ${z.prettifyError(result.error)}`);
}
