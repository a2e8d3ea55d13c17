import { MODEL_NAME_PATTERN } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';
import { nameSchema } from './bounds';

export const batchingSchema = z
  .strictObject({
    mode: z
      .enum(['auto', 'on', 'off'])
      .describe(
        "auto: where the model's graph and trial runs say that its rows are independent. on: its owner says that they are. off: never.",
      ),
  })
  .describe(
    'Whether requests are computed together; as data planes do by themselves when it is left out.',
  );

export const placementSchema = z
  .strictObject({
    mode: z
      .enum(['auto', 'inline', 'worker'])
      .describe(
        'auto: by the size of its files and the measured time of a row. inline: on the thread that answers requests, which holds up all others while it computes. worker: in a thread for models.',
      ),
  })
  .describe(
    'Where data planes run its ONNX versions; by what they measure when it is left out.',
  );

export const responseCacheSchema = z
  .strictObject({
    maxMiB: z
      .int()
      .min(1)
      .max(4_096)
      .describe(
        'Most memory for answers of each version on each data plane, in MiB; those that were not asked for longest go first.',
      ),
  })
  .describe(
    'Whether data planes keep answers of its ONNX versions, and give them again to requests that are the same to the last bit. Only for a model that computes the same from the same; none are kept when it is left out.',
  );

export const loadingSchema = z
  .strictObject({
    mode: z
      .enum(['eager', 'on-demand'])
      .describe(
        'eager: it stays in memory as long as it is deployed. on-demand: it leaves memory while nobody asks for it and others need the room, and the next request waits until it is there again; its files are on the data plane all the time.',
      ),
  })
  .describe(
    'How long its ONNX versions stay in the memory of data planes; all the time when it is left out.',
  );

export const replicasSchema = z
  .strictObject({
    min: z.int().min(0).max(1_000).describe('Fewest; 0 lets it sleep.'),
    max: z.int().min(1).max(1_000).describe('Most.'),
  })
  .check(({ value, issues }) => {
    if (value.min > value.max) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['min'],
        message: `expected at most max, which is ${value.max}`,
      });
    }
  })
  .describe('How many data planes serve it.');

export const resourcesSchema = z
  .strictObject({
    flavor: nameSchema
      .optional()
      .describe('Name of a flavor of the platform, such as a kind of GPU.'),
    count: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'How many of the flavor each data plane gets; 1 when left out.',
      ),
    cpuMillis: z
      .int()
      .min(10)
      .max(1_024_000)
      .optional()
      .describe('CPU of each data plane, in thousandths of a core.'),
    memoryMiB: z
      .int()
      .min(16)
      .max(16_777_216)
      .optional()
      .describe('Memory of each data plane, in MiB.'),
  })
  .check(({ value, issues }) => {
    if (value.count !== undefined && value.flavor === undefined) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['count'],
        message: 'expected a flavor beside it',
      });
    }
  })
  .describe('What each data plane that serves it gets.');

export const languageModelSchema = z
  .strictObject({
    aliases: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/,
            'expected 1 to 128 letters, digits and . _ : / -',
          ),
      )
      .max(20)
      .optional()
      .describe('Further names under which callers may ask for it.'),
    fallbacks: z
      .array(
        z
          .strictObject({
            model: z
              .string()
              .regex(MODEL_NAME_PATTERN, 'expected a model name')
              .describe('A model of the same environment.'),
            when: z
              .array(
                z.enum([
                  'unavailable',
                  'rate-limited',
                  'timed-out',
                  'context-too-long',
                ]),
              )
              .min(1)
              .max(4)
              .describe('What has to have happened.'),
          })
          .describe('A model that answers in its place.'),
      )
      .max(5)
      .optional()
      .describe('Who answers when it does not, in this order.'),
  })
  .check(({ value, issues }) => {
    const models = value.fallbacks?.map(({ model }) => model) ?? [];
    const complain = (path: (string | number)[], message: string) =>
      issues.push({ code: 'custom', input: value, path, message });
    models.forEach((model, index) => {
      if (models.indexOf(model) === index) return;
      complain(
        ['fallbacks', index, 'model'],
        `'${model}' is named before: expected each model once`,
      );
    });
    value.aliases?.forEach((alias, index, all) => {
      if (all.indexOf(alias) === index) return;
      complain(['aliases', index], `'${alias}' is named before`);
    });
  })
  .describe('What language models have besides.');
