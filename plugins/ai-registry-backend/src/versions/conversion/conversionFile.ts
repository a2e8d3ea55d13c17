import { InputError } from '@backstage/errors';
import type { VersionConversion } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';

/** Says how a version was converted, and what its model said of the rows of its example; lies at the root of its files. */
export const CONVERSION_FILE = 'greenroom-conversion.json';
/** The converter records 100,000 values. */
export const MAX_CONVERSION_BYTES = 16 * 1024 * 1024;

const MOST_ROWS = 1_000;
const MOST_FEATURES = 100_000;

const text = z.string().min(1).max(256);
const version = z.string().min(1).max(100);
const cell = z.union([z.number(), z.string().max(100_000), z.null()]);
const rowsOf = <Value extends z.ZodType>(value: Value) =>
  z.array(value).min(1).max(MOST_ROWS);

const fileSchema = z.object({
  formatVersion: z.literal(1),
  from: z.object({ model: text, version: z.int().min(1).max(2_147_483_647) }),
  libraries: z
    .record(version, z.object({ logged: version.optional(), used: version }))
    .refine(
      libraries => Object.keys(libraries).length <= 100,
      'expected at most 100 libraries',
    ),
  numbers: z.enum(['float32', 'float64']),
  tolerance: z.object({
    relative: z.number().min(0),
    absolute: z.number().min(0),
  }),
  rows: z.int().min(1).max(MOST_ROWS),
  largestDifference: z.number().min(0),
  schema: z
    .object({
      task: z.enum(['classification', 'regression']),
      features: z
        .array(z.object({ name: text, tensor: text, index: z.int().min(0) }))
        .min(1)
        .max(MOST_FEATURES),
      prediction: z.object({
        tensor: text,
        probabilityTensor: text.optional(),
      }),
    })
    .optional(),
  example: z
    .object({
      /** [row][feature], as the schema has them. */
      rows: rowsOf(z.array(cell)),
      /** What the model, not the ONNX file, said of each. */
      predictions: rowsOf(cell),
      /** [row][class] */
      scores: rowsOf(z.array(z.number().nullable())).optional(),
    })
    .optional(),
});

export type ConversionFile = z.infer<typeof fileSchema>;

/** @throws InputError that names the field that is wrong */
export function readConversionFile(content: string): ConversionFile {
  const read = fileSchema.safeParse(parse(content));
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw new InputError(
      `bundle: ${CONVERSION_FILE}${
        path.length > 0 ? `, ${path.join('.')}` : ''
      }: ${message}. The converter writes this file: leave it as it is, or out`,
    );
  }
  return read.data;
}

/** What is told of it; rows of the example stay in the file. */
export function saidOf(
  file: ConversionFile,
): Omit<VersionConversion, 'job' | 'check'> {
  const { from, libraries, numbers, tolerance, rows, largestDifference } = file;
  return { from, libraries, numbers, tolerance, rows, largestDifference };
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
