import type { OnnxVariant } from '@greenroom/plugin-ai-inference-common';
import type { WantedVariant } from '../domain/WantedRoute';
import type { WholeSnapshot } from '../snapshot/parseDocuments';
import { keyOf, routeOf, snapshotOf, variantOf } from './fixtures';
import type { TestServer } from './startTestServer';

/** Keys of the snapshots that {@link linear} makes. */
export const KEYS = [keyOf('gr_all', ['*'])];

/** A request that each version of the model `linear` answers differently. */
export const row = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
};

/** What each version answers to {@link row}. */
export const ANSWERS: Record<string, number> = { '1': 21.8, '2': 121.8 };

export function v1(weightPercent = 100): OnnxVariant {
  return variantOf('linear-1', { version: 1, weightPercent });
}

export function v2(weightPercent = 100): OnnxVariant {
  return variantOf('linear-2', { version: 2, weightPercent });
}

/** A snapshot with one model, `linear`. */
export function linear(...variants: WantedVariant[]): WholeSnapshot {
  return snapshotOf([routeOf('linear', variants)], KEYS);
}

/** Asks, makes sure that the answer is that version's, and says which it is. */
export async function versionThatAnswers(
  server: TestServer,
  assignmentId?: string,
): Promise<string> {
  const { status, json } = await server.infer('linear', row, {
    headers: assignmentId ? { 'x-assignment-id': assignmentId } : {},
  });
  const answer = json.outputs?.[0].data[0];
  if (status !== 200 || answer !== ANSWERS[json.model_version]) {
    throw new Error(`status ${status}: ${JSON.stringify(json)}`);
  }
  return json.model_version;
}
