import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { ModelSchema, Signature } from '../domain/tensor';
import { errorMessage } from '../errors';
import { loadEmbeddingModel } from '../language/embedding/loadEmbeddingModel';
import { OnnxRunner } from '../runners/onnx/OnnxRunner';
import { SignatureMismatchError } from '../runners/onnx/reconcileSignature';
import { decideBatching } from '../runners/decideBatching';
import {
  answerRows,
  rehearse,
  type Rehearsal,
  type RowValue,
} from './rehearse';

/** A model version that is to be tried before anybody relies on it. */
export interface TrialRequest {
  /** Absolute path of the model file. */
  file: string;
  signature: Signature;
  schema?: ModelSchema;
  batching?: BatchingOptions;
  /** Rows to answer, [row][feature] in the order of the schema's features; empty to measure only the time. */
  rows?: RowValue[][];
  /** Whether the rows are only to be answered, with the scores of the classes: in batches, and without measuring time. */
  answersOnly?: boolean;
}

/** Whether this data plane could serve the version, and what it would cost. */
export type TrialResult =
  | {
      servable: true;
      loadMillis: number;
      warmUpMillis: number;
      /** Largest resident size of the process, in bytes. */
      peakMemoryBytes: number;
      /** Whether requests of several callers would be computed together. */
      batchable: boolean;
      /** Why not; absent when batchable. */
      batchingReason?: string;
      /** Where rows were given. */
      rehearsal?: Rehearsal;
    }
  | {
      servable: false;
      /** For people to read: what is wrong with the file, and what to do. */
      reason: string;
      stage: 'load' | 'signature' | 'warm-up' | 'texts';
    };

const BYTES_PER_KIBIBYTE = 1024;
const DEFAULT_BATCHING: BatchingOptions = { maxRows: 64, maxDelayMicros: 0 };

/** Loads, checks and warms a version as a data plane does. Leaves nothing loaded. */
export async function runTrial(request: TrialRequest): Promise<TrialResult> {
  const { file, signature } = request;
  const startedMillis = performance.now();
  let runner: OnnxRunner;
  try {
    runner = await OnnxRunner.load({ file, signature });
  } catch (error) {
    const stage =
      error instanceof SignatureMismatchError ? 'signature' : 'load';
    return { servable: false, reason: errorMessage(error), stage };
  }
  const loadedMillis = performance.now();
  try {
    const warm = await decideBatching({
      file,
      runner,
      batching: request.batching ?? DEFAULT_BATCHING,
    });
    if (warm.refusal !== undefined) {
      return { servable: false, reason: warm.refusal, stage: 'warm-up' };
    }
    const texts = await tryTexts(file, runner);
    if (texts !== undefined) {
      return { servable: false, reason: texts, stage: 'texts' };
    }
    const warmMillis = performance.now();
    const { rows, schema, answersOnly = false } = request;
    const rehearsal = rows && {
      rehearsal: answersOnly
        ? await answerRows({
            runner,
            schema,
            rows,
            isBatchable: warm.batchable,
          })
        : await rehearse({ runner, schema, rows }),
    };
    return {
      servable: true,
      loadMillis: Math.round(loadedMillis - startedMillis),
      warmUpMillis: Math.round(warmMillis - loadedMillis),
      peakMemoryBytes: process.resourceUsage().maxRSS * BYTES_PER_KIBIBYTE,
      batchable: warm.batchable,
      ...(warm.reason !== undefined && { batchingReason: warm.reason }),
      ...rehearsal,
    };
  } finally {
    await runner.release();
  }
}

/** @returns why texts cannot be embedded, where the files beside the model say that they are */
async function tryTexts(
  file: string,
  runner: OnnxRunner,
): Promise<string | undefined> {
  try {
    await loadEmbeddingModel({
      name: 'trial',
      runner,
      file,
      has: name => existsSync(join(dirname(file), name)),
    });
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
