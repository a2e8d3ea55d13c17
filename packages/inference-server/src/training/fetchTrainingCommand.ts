import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract, list, type ReadEntry } from 'tar';
import { z } from 'zod';
import { errorCode, errorMessage } from '../errors';
import { ControlPlaneClient } from '../snapshot/ControlPlaneClient';
import { createControlPlaneToken } from '../snapshot/controlPlaneToken';
import { fetchFile } from '../snapshot/fetchFile';
import { patiently } from '../snapshot/patiently';

const EXIT_USAGE = 64;
const EXIT_FAILED = 1;
/** Longest of what an order is unpacked to. */
const MAX_ORDER_BYTES = 64 * 1024 * 1024;
const MAX_SOURCE_BYTES = 1024 ** 3;
/** Of what a source is when it is unpacked. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
const MAX_SOURCE_ENTRIES = 100_000;

/** In the name of a folder that is not whole. */
const COPYING = '.copying-';

const pathSchema = z
  .string()
  .refine(
    path => !isAbsolute(path) && !normalize(path).startsWith('..'),
    'expected a path within the folder',
  );
const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const nameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,63}$/);

const orderSchema = z.object({
  /** The packed folder that the program runs in: tar, gzip. */
  source: z.object({ path: z.string().startsWith('/'), digest: digestSchema }),
  datasets: z.array(
    z.object({
      /** Of the folder that its files are put into. */
      name: nameSchema,
      files: z.array(
        z.object({
          path: pathSchema,
          digest: digestSchema,
          sizeBytes: z.int().min(0),
        }),
      ),
    }),
  ),
  /** Names of folders of checkpoints: the job's own, and the one that it begins with where its own is empty. */
  checkpoints: z
    .object({ own: nameSchema, from: nameSchema.optional() })
    .optional(),
});

type Order = z.infer<typeof orderSchema>;

interface Folders {
  source: string;
  datasets: string;
  /** With a folder for each job; undefined where checkpoints last no longer than the pod. */
  checkpoints: string | undefined;
}

/**
 * `fetch-training <order> <source> <datasets> [checkpoints]`: puts there what a training job works with: its folder,
 * the files of its datasets, and checkpoints to begin with.
 *
 * @param operands - path of the order, JSON that is packed with gzip; and folders
 */
export async function fetchTrainingCommand(
  operands: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const [orderFile, source, datasets, checkpoints] = operands;
  const controlPlaneUrl = variables.GREENROOM_CONTROL_PLANE_URL;
  const tokenFile = variables.GREENROOM_CONTROL_PLANE_TOKEN_FILE;
  if (datasets === undefined || !controlPlaneUrl || !tokenFile) {
    process.stderr.write(
      'usage: fetch-training <order> <source> <datasets> [checkpoints], with GREENROOM_CONTROL_PLANE_URL and GREENROOM_CONTROL_PLANE_TOKEN_FILE\n',
    );
    process.exitCode = EXIT_USAGE;
    return;
  }
  try {
    const order = await readOrder(orderFile);
    const client = new ControlPlaneClient({
      url: controlPlaneUrl,
      token: createControlPlaneToken({
        controlPlaneToken: undefined,
        controlPlaneTokenFile: tokenFile,
      }),
      // It asks for artifacts alone, which are of no environment.
      environment: '',
    });
    await fetchAll(client, order, { source, datasets, checkpoints });
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}

async function fetchAll(
  client: ControlPlaneClient,
  order: Order,
  folders: Folders,
): Promise<void> {
  await fetchSource(client, order.source, folders.source);
  for (const { name, files } of order.datasets) {
    await mkdir(join(folders.datasets, name), { recursive: true });
    for (const { path, digest, sizeBytes } of files) {
      await patiently(() =>
        fetchFile({
          open: () =>
            client.openArtifact(`/api/ai-registry/artifacts/${digest}`),
          file: join(folders.datasets, name, path),
          digest,
          maxBytes: sizeBytes,
        }),
      );
    }
  }
  if (order.checkpoints && folders.checkpoints !== undefined) {
    await prepareCheckpoints(folders.checkpoints, order.checkpoints);
  }
}

async function fetchSource(
  client: ControlPlaneClient,
  { path, digest }: Order['source'],
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, '.source.tar.gz');
  try {
    await patiently(() =>
      fetchFile({
        open: () => client.openArtifact(path),
        file,
        digest,
        maxBytes: MAX_SOURCE_BYTES,
      }),
    );
  } catch (error) {
    throw new Error(`the template's folder ${digest}: ${errorMessage(error)}`);
  }
  await checkSource(file);
  await extract({ file, cwd: folder, strict: true });
  await rm(file);
}

/** @throws Error where it holds what nobody unpacks for others: links, devices, too much */
async function checkSource(file: string): Promise<void> {
  let bytes = 0;
  let entries = 0;
  let problem: string | undefined;
  await list({
    file,
    onReadEntry: (entry: ReadEntry) => {
      bytes += entry.size;
      entries += 1;
      if (!['File', 'OldFile', 'Directory'].includes(entry.type)) {
        problem ??= `the template's folder has '${entry.path}', a ${entry.type}: expected files and folders alone`;
      }
      const isInside = pathSchema.safeParse(entry.path).success;
      if (!isInside) {
        problem ??= `the template's folder has '${entry.path}': expected a path within it`;
      }
    },
  });
  if (bytes > MAX_UNPACKED_BYTES || entries > MAX_SOURCE_ENTRIES) {
    problem ??= `the template's folder has ${entries} files of ${bytes} bytes: expected at most ${MAX_SOURCE_ENTRIES} of ${MAX_UNPACKED_BYTES}`;
  }
  if (problem !== undefined) throw new Error(problem);
}

/**
 * Its own folder is there when this resolves, with what it had, or with all of the other one's. The pods of a job on
 * several nodes do this at the same time, and one that is ready may have the folder in use.
 */
async function prepareCheckpoints(
  folder: string,
  { own, from }: NonNullable<Order['checkpoints']>,
): Promise<void> {
  const mine = join(folder, own);
  const there = await readdir(mine).catch(() => []);
  if (there.length > 0) return;
  if (from === undefined) {
    await mkdir(mine, { recursive: true });
    return;
  }
  const theirs = join(folder, from);
  const names = await readdir(theirs).catch(() => []);
  if (names.length === 0) {
    throw new Error(
      `there are no checkpoints of job ${from} any more: start without them`,
    );
  }
  const copy = join(folder, `${own}${COPYING}${randomUUID()}`);
  try {
    await cp(theirs, copy, { recursive: true, verbatimSymlinks: true });
    await rename(copy, mine);
  } catch (error) {
    const isThereNow = ['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '');
    if (!isThereNow) throw error;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function readOrder(file: string): Promise<Order> {
  const text = gunzipSync(await readFile(file), {
    maxOutputLength: MAX_ORDER_BYTES,
  }).toString('utf8');
  const result = orderSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new Error(`the order is none: ${z.prettifyError(result.error)}`);
}

/** `forget-training <checkpoints> <job>`: removes a job's checkpoints. */
export async function forgetTrainingCommand(
  operands: readonly string[],
): Promise<void> {
  const [folder, job] = operands;
  if (folder === undefined || !nameSchema.safeParse(job).success) {
    process.stderr.write('usage: forget-training <checkpoints> <job>\n');
    process.exitCode = EXIT_USAGE;
    return;
  }
  for (const name of await readdir(folder)) {
    if (name !== job && !name.startsWith(`${job}${COPYING}`)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
