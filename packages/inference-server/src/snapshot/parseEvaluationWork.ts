import { descriptorSchema } from '@greenroom/bundle-file';
import type {
  EvaluationReply,
  EvaluationWork,
} from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import { connectionSchema } from './parseDocuments';

const rows = z.array(
  z.object({
    row: z.int().min(0),
    messages: z.array(z.record(z.string(), z.json())).min(1),
  }),
);

const workSchema: z.ZodType<EvaluationWork> = z.object({
  id: z.string().min(1),
  lease: z.string().min(1),
  model: z.string(),
  version: z.int().min(1),
  descriptor: descriptorSchema,
  connection: connectionSchema,
  rowTimeoutMillis: z.number().positive(),
  concurrency: z.int().min(1).max(100),
  maxAnswerCharacters: z.int().min(1),
  rows,
});

const replySchema: z.ZodType<EvaluationReply> = z.discriminatedUnion('state', [
  z.object({ state: z.literal('go-on'), rows }),
  z.object({ state: z.literal('ended') }),
]);

/** @throws Error when it is no work, or of a kind that this data plane does not know */
export function parseEvaluationWork(value: unknown): EvaluationWork {
  return workSchema.parse(value);
}

/** @throws Error when it is no reply */
export function parseEvaluationReply(value: unknown): EvaluationReply {
  return replySchema.parse(value);
}
