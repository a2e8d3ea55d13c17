import type { SharedDimension, Signature, Tensor } from '../../domain/tensor';
import type { ModelFile, OpenedFacts } from '../onnx/openOnnx';
import type { PlainError } from './plainErrors';

/** What a worker thread is asked for, one order at a time. */
export type Order =
  | { kind: 'open'; model: number; file: ModelFile }
  | {
      kind: 'run';
      model: number;
      inputs: Tensor[];
      rows: number | undefined;
      outputs: readonly string[] | undefined;
    }
  | { kind: 'release'; model: number }
  /** It ends by itself, since nothing is left to do. */
  | { kind: 'end' };

/** A model that a worker thread has opened. */
export interface OpenedModel extends OpenedFacts {
  signature: Signature;
  rowWise: boolean;
  dimensions: readonly SharedDimension[];
  /** Whether it has computed something. */
  worked: boolean;
}

/** Outputs of a run, and how long it took. */
export interface RunResult {
  outputs: Tensor[];
  millis: number;
}

/** What comes of an order. */
export interface Results {
  open: OpenedModel;
  run: RunResult;
  release: undefined;
}

export type Reply =
  | { ok: true; result: Results[keyof Results] }
  | { ok: false; error: PlainError };
