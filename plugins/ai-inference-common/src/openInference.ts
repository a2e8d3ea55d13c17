import type { Datatype } from '@greenroom/plugin-ai-registry-common';

/** Bodies of the Open Inference Protocol v2 (REST). */
export interface InferRequest {
  id?: string;
  parameters?: Record<string, string | number | boolean>;
  inputs: InferTensor[];
  outputs?: {
    name: string;
    parameters?: Record<string, string | number | boolean>;
  }[];
}

export interface InferTensor {
  name: string;
  shape: number[];
  datatype: Datatype;
  parameters?: Record<string, string | number | boolean>;
  /** Row-major, nested or flat. */
  data: unknown[];
}

export interface InferResponse {
  model_name: string;
  model_version?: string;
  id?: string;
  parameters?: Record<string, string | number | boolean>;
  outputs: InferTensor[];
}

/** Request header with the caller's id (a user, a session) that keeps it on one variant during a rollout. */
export const HEADER_ASSIGNMENT_ID = 'x-assignment-id';
