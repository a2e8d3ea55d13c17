import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import {
  batchingSchema,
  modelSchema,
  signatureSchema,
} from '../snapshot/parseDocuments';
import { errorMessage } from '../errors';
import { runTrial, type TrialRequest } from './runTrial';
import { version } from '../../package.json';

/** What the version was tried with, for whoever keeps the result. */
const RUNTIME = `greenroom-inference-server ${version}`;

/** Exit status for a command line that cannot be used (`EX_USAGE`). */
const EXIT_USAGE = 64;
/** Exit status when the trial itself failed, so that nothing is known about the model. */
const EXIT_FAILED = 1;

const requestSchema: z.ZodType<TrialRequest> = z.object({
  file: z.string().refine(isAbsolute, 'expected an absolute path'),
  signature: signatureSchema,
  schema: modelSchema.optional(),
  batching: batchingSchema.optional(),
  rows: z
    .array(z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])))
    .optional(),
  answersOnly: z.boolean().optional(),
});

async function readRequest(path: string): Promise<TrialRequest> {
  const result = requestSchema.safeParse(
    JSON.parse(await readFile(path, 'utf8')),
  );
  if (result.success) return result.data;
  throw new Error(z.prettifyError(result.error));
}

/**
 * `trial <request.json>`: tries whether this data plane could serve a version, and prints
 * the result as one line of JSON. Who starts it bounds its time and memory: a model that
 * hangs or eats the memory ends this process only.
 */
export async function runTrialCommand(
  operands: readonly string[],
): Promise<void> {
  let request: TrialRequest;
  try {
    if (operands.length !== 1) throw new Error('expected one operand');
    request = await readRequest(operands[0]);
  } catch (error) {
    process.stderr.write(
      `usage: trial <request.json>, with the file, its signature, and optionally schema, batching and rows: ${errorMessage(
        error,
      )}\n`,
    );
    process.exitCode = EXIT_USAGE;
    return;
  }
  try {
    const result = { ...(await runTrial(request)), runtime: RUNTIME };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    process.stderr.write(`the trial failed: ${errorMessage(error)}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
